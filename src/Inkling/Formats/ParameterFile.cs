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

    private static StoredTensor[] Layout(ParameterStore store)
        => [.. store.Parameters.Select(parameter => new StoredTensor(parameter.Name, parameter.Description.FileShape, parameter))];

    private static void Save<T>(Stream stream, SafetensorsType type, IReadOnlyList<StoredTensor> layout, IKernels kernels, DeviceBuffer buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var writer = new SafetensorsWriter(stream, type, layout.Select(tensor => (tensor.Name, tensor.Shape)));
        var chunk = new T[ChunkLength];
        foreach (var tensor in layout)
        {
            foreach (var (first, count) in Chunks(tensor))
            {
                var elements = chunk.AsSpan(0, count);
                if (tensor.Parameter is null)
                {
                    elements.Clear();
                }
                else
                {
                    kernels.Read(View(tensor.Parameter, buffer, first, count), elements);
                }

                writer.Write<T>(elements);
            }
        }

        writer.Complete();
    }

    private static void Load<T>(SafetensorsFile file, IReadOnlyList<StoredTensor> layout, IKernels kernels, DeviceBuffer buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var chunk = new T[ChunkLength];
        foreach (var tensor in layout)
        {
            if (!file.Tensors.TryGetValue(tensor.Name, out var stored))
            {
                continue; // zeros that the file does without
            }

            foreach (var (first, count) in Chunks(tensor))
            {
                var elements = chunk.AsSpan(0, count);
                file.Read(stored, first, elements);
                if (tensor.Parameter is not null)
                {
                    kernels.Write<T>(View(tensor.Parameter, buffer, first, count), elements);
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
        var names = layout.Select(tensor => tensor.Name).ToHashSet();
        var present = layout.Where(tensor => file.Tensors.ContainsKey(tensor.Name));
        string[] problems =
        [
            .. List("missing", layout.Where(tensor => tensor.Parameter is not null && !file.Tensors.ContainsKey(tensor.Name)).Select(tensor => tensor.Name)),
            .. List("unexpected", file.Tensors.Keys.Where(name => !names.Contains(name))),
            .. List("misshapen", present
                .Where(tensor => !file.Tensors[tensor.Name].Shape.SequenceEqual(tensor.Shape.Select(size => (long)size)))
                .Select(tensor => $"{tensor.Name} [{string.Join(", ", file.Tensors[tensor.Name].Shape)}] instead of [{string.Join(", ", tensor.Shape)}]")),
        ];
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

    private static IEnumerable<(long First, int Count)> Chunks(StoredTensor tensor)
    {
        for (long first = 0; first < tensor.Count; first += ChunkLength)
        {
            yield return (first, (int)Math.Min(ChunkLength, tensor.Count - first));
        }
    }

    private static MatrixView View(Parameter parameter, DeviceBuffer buffer, long first, int count)
        => new(buffer, parameter.Offset + first, 1, count, count);
}
