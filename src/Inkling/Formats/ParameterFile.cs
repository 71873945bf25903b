using System.Numerics;
using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Formats;

/// <summary>Saves and loads the values of a parameter store, or what mirrors them, as safetensors under the parameters' names.</summary>
public static class ParameterFile
{
    // Elements that are copied at a time: enough to make the calls cheap, and little beside any model.
    private const int ChunkLength = 1 << 18;
    private const int NamesShown = 3;

    /// <summary>Writes one tensor for each parameter.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <param name="store">The parameters.</param>
    /// <param name="buffer">Their values, or a mirror of them.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Save(Stream stream, ParameterStore store, DeviceBuffer buffer) => Save(stream, Layout(store), store.Kernels, buffer);

    /// <summary>Reads one tensor for each parameter. Nothing changes unless names and shapes are the right ones.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="store">The parameters.</param>
    /// <param name="buffer">A mirror of the values to read into; null for the values themselves, whose prepared forms are then made again.</param>
    /// <exception cref="ModelFormatException">The file is not valid, or its tensors are not those of the store.</exception>
    public static void Load(string path, ParameterStore store, DeviceBuffer? buffer = null)
    {
        using var file = SafetensorsFile.Open(path);
        Load(file, Layout(store), store, buffer);
    }

    internal static void Save(Stream stream, IReadOnlyList<StoredTensor> layout, IKernels kernels, DeviceBuffer buffer)
    {
        if (kernels.Real == DType.Float64)
        {
            Save<double>(stream, SafetensorsType.F64, layout, kernels, buffer);
        }
        else
        {
            Save<float>(stream, SafetensorsType.F32, layout, kernels, buffer);
        }
    }

    internal static void Load(SafetensorsFile file, IReadOnlyList<StoredTensor> layout, ParameterStore store, DeviceBuffer? buffer)
    {
        RequireFit(file, layout);
        if (store.Kernels.Real == DType.Float64)
        {
            Load<double>(file, layout, store.Kernels, buffer ?? store.Values);
        }
        else
        {
            Load<float>(file, layout, store.Kernels, buffer ?? store.Values);
        }

        if (buffer is null || buffer == store.Values)
        {
            store.Invalidate();
        }
    }

    /// <summary>What is wrong with the names and shapes of a file's tensors; nothing where they are those of a layout.</summary>
    internal static IEnumerable<string> Misfits(SafetensorsFile file, IReadOnlyList<StoredTensor> layout)
    {
        var names = layout.Select(tensor => tensor.Name).ToHashSet();
        var present = layout.Where(tensor => file.Tensors.ContainsKey(tensor.Name));
        return
        [
            .. List("missing", layout.Where(tensor => tensor.Parameter is not null && !file.Tensors.ContainsKey(tensor.Name)).Select(tensor => tensor.Name)),
            .. List("unexpected", file.Tensors.Keys.Where(name => !names.Contains(name))),
            .. List("misshapen", present
                .Where(tensor => !file.Tensors[tensor.Name].Shape.SequenceEqual(tensor.Shape.Select(size => (long)size)))
                .Select(tensor => $"{tensor.Name} [{string.Join(", ", file.Tensors[tensor.Name].Shape)}] instead of [{string.Join(", ", tensor.Shape)}]")),
        ];
    }

    /// <summary>The tensors of a file that has the parameters under their own names.</summary>
    internal static StoredTensor[] Layout(ParameterStore store)
        => [.. store.Parameters.Select(parameter => new StoredTensor(parameter.Name, parameter.Description.FileShape, parameter))];

    private static void Save<T>(Stream stream, SafetensorsType type, IReadOnlyList<StoredTensor> layout, IKernels kernels, DeviceBuffer buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var writer = new SafetensorsWriter(stream, type, layout.Select(tensor => (tensor.Name, tensor.Shape)));
        T[] chunk = new T[LongestPart(layout)], turned = new T[chunk.Length];
        foreach (var tensor in layout)
        {
            foreach (var part in Parts(tensor))
            {
                writer.Write<T>(ReadPart(part));
            }
        }

        writer.Complete();

        ReadOnlySpan<T> ReadPart(TensorPart part)
        {
            var elements = chunk.AsSpan(0, part.Count);
            if (part.View(buffer) is not { IsNone: false } view)
            {
                elements.Clear();
                return elements;
            }

            kernels.Read(view, elements);
            return part.Tensor.IsTransposed ? Transpose<T>(elements, view.Rows, view.Columns, turned) : elements;
        }
    }

    private static void Load<T>(SafetensorsFile file, IReadOnlyList<StoredTensor> layout, IKernels kernels, DeviceBuffer buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] chunk = new T[LongestPart(layout)], turned = new T[chunk.Length];
        foreach (var tensor in layout)
        {
            if (!file.Tensors.TryGetValue(tensor.Name, out var stored))
            {
                continue; // zeros that the file does without
            }

            foreach (var part in Parts(tensor))
            {
                var elements = chunk.AsSpan(0, part.Count);
                file.Read(stored, part.First, elements);
                if (part.View(buffer) is { IsNone: false } view)
                {
                    kernels.Write(view, tensor.IsTransposed ? Transpose<T>(elements, view.Columns, view.Rows, turned) : elements);
                }
                else if (elements.ContainsAnyExcept(T.Zero))
                {
                    throw new ModelFormatException(file.Path, "is not zero, but the model has no such bias", $"tensor {ModelFormatException.Quote(tensor.Name)}");
                }
            }
        }
    }

    private static void RequireFit(SafetensorsFile file, IReadOnlyList<StoredTensor> layout)
    {
        string[] problems = [.. Misfits(file, layout)];
        if (problems.Length > 0)
        {
            throw new ModelFormatException(file.Path, $"the tensors do not fit the model: {string.Join("; ", problems)}");
        }
    }

    private static IEnumerable<string> List(string problem, IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 0
            ? []
            : [$"{problem} {string.Join(", ", all.Take(NamesShown).Select(Printable))}{(all.Length > NamesShown ? $" and {all.Length - NamesShown} more" : "")}"];
    }

    // Names come from the file as well.
    private static string Printable(string name) => ModelFormatException.Quote(name)[1..^1];

    private static int LongestPart(IReadOnlyList<StoredTensor> layout)
        => layout.SelectMany(Parts).Select(part => part.Count).DefaultIfEmpty().Max();

    /// <summary>Pieces of a tensor in the order of the file: runs of elements, or whole rows where they are another matrix's columns.</summary>
    private static IEnumerable<TensorPart> Parts(StoredTensor tensor)
    {
        var step = tensor.IsTransposed ? Math.Max(1, ChunkLength / tensor.Shape[1]) * (long)tensor.Shape[1] : ChunkLength;
        for (long first = 0; first < tensor.Count; first += step)
        {
            yield return new TensorPart(tensor, first, (int)Math.Min(step, tensor.Count - first));
        }
    }

    private static ReadOnlySpan<T> Transpose<T>(ReadOnlySpan<T> matrix, int rows, int columns, T[] turned)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                turned[(j * rows) + i] = matrix[(i * columns) + j];
            }
        }

        return turned.AsSpan(0, matrix.Length);
    }

    /// <summary>Elements [first, first + count) of a tensor as the file has it.</summary>
    private readonly record struct TensorPart(StoredTensor Tensor, long First, int Count)
    {
        /// <summary>The same elements of the parameter, turned where the tensor is; none where there is no parameter.</summary>
        public MatrixView View(DeviceBuffer buffer)
        {
            if (Tensor.Parameter is not { } parameter)
            {
                return default;
            }

            if (!Tensor.IsTransposed)
            {
                return new MatrixView(buffer, parameter.Offset + Tensor.FirstColumn + First, 1, Count, Count);
            }

            var inputs = Tensor.Shape[1];
            return parameter.In(buffer).SliceColumns(Tensor.FirstColumn + (int)(First / inputs), Count / inputs);
        }
    }
}
