using System.Numerics;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;
using Inkling.Models;
using Inkling.Tensors;
using Inkling.Text;

namespace Inkling.Tests.Formats;

/// <summary>The smallest models that have every kind of parameter.</summary>
internal static class TinyGpt
{
    public static GptConfig Config { get; } = new()
    {
        VocabularySize = 4,
        ContextLength = 3,
        LayerCount = 2,
        HeadCount = 2,
        Width = 4,
        EmbeddingDropout = 0.1,
        NormEpsilon = 1e-6,
    };

    public static Tokenizer Tokenizer { get; } = CharacterTokenizer.Train("Hello"u8);

    public static Gpt Create(IKernels kernels, GptConfig? config = null, ulong seed = 1, Precision precision = Precision.Float32)
    {
        var model = new Gpt(config ?? Config, kernels, precision);
        model.Parameters.Initialize(seed);
        return model;
    }

    /// <summary>Kernels by name, for theories.</summary>
    public static IKernels Kernels(string name) => name switch
    {
        "cpu" => CpuKernels.Create(new CpuOptions { ThreadCount = 1 }),
        "float" => new ReferenceKernels<float>(),
        _ => new ReferenceKernels<double>(),
    };

    /// <summary>A mirror of the parameters with numbers of its own.</summary>
    public static DeviceBuffer Mirror(ParameterStore store, ulong seed)
    {
        var buffer = store.CreateMirror();
        var count = (int)store.FlatCount;
        store.Kernels.FillNormal(new MatrixView(buffer, 0, 1, count, count), 1, new RandomKey(seed, RandomPurpose.Initialization, 0, 0));
        return buffer;
    }

    /// <summary>All elements of all parameters, in order, without the gaps between them.</summary>
    public static double[] Read(ParameterStore store, DeviceBuffer buffer)
        => store.Kernels.Real == DType.Float64 ? Read<double>(store, buffer) : Read<float>(store, buffer);

    private static double[] Read<T>(ParameterStore store, DeviceBuffer buffer)
        where T : unmanaged, INumberBase<T>
        => [.. store.Parameters.SelectMany(parameter =>
        {
            var elements = new T[parameter.Count];
            store.Kernels.Read(parameter.In(buffer), elements.AsSpan());
            return elements.Select(double.CreateTruncating);
        })];
}
