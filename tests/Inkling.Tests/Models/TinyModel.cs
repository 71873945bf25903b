using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;
using Inkling.Tests.Formats;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Models;

/// <summary>Random models that are small enough for every test.</summary>
internal static class TinyModel
{
    /// <summary>Weights ten times as large as usual, so that logits differ clearly.</summary>
    public static GptConfig Config { get; } = new()
    {
        VocabularySize = 23,
        ContextLength = 16,
        LayerCount = 2,
        HeadCount = 2,
        Width = 32,
        InitialDeviation = 0.2,
    };

    public static Gpt Create(IKernels kernels, GptConfig? config = null, ulong seed = 1, Precision precision = Precision.Float32)
        => TinyGpt.Create(kernels, config ?? Config, seed, precision);

    /// <summary>Tokens that look random: equal for equal arguments.</summary>
    public static int[] Tokens(int count, int seed = 0) => [.. Enumerable.Range(0, count).Select(i => (int)(Random(seed, i) % (uint)Config.VocabularySize))];

    /// <summary>Hidden states and logits of sequences of equal length, all at once.</summary>
    public static Pass Forward(Gpt model, params int[][] sequences) => Run(model, sequences, cached: false, sequences[0].Length);

    /// <summary>The same with a cache, the tokens coming in chunks of these lengths.</summary>
    public static Pass ForwardCached(Gpt model, int[][] sequences, params int[] chunks) => Run(model, sequences, cached: true, chunks);

    private static Pass Run(Gpt model, int[][] sequences, bool cached, params int[] chunks)
    {
        var kernels = model.Parameters.Kernels;
        var pass = new Pass([.. sequences.Select(_ => new List<double>())], [.. sequences.Select(_ => new List<double>())]);
        using var arena = new Arena(kernels);
        using var cache = cached ? model.CreateCache(sequences.Length) : null;
        var first = 0;
        foreach (var chunk in chunks)
        {
            var step = new Step(kernels, arena);
            var hidden = model.Forward(step, Batch(kernels, sequences, first, chunk), cache);
            var logits = model.Logits(step, hidden);
            Deal(kernels.ReadNumbers(hidden.View), pass.Hidden);
            Deal(kernels.ReadNumbers(logits.View), pass.Logits);
            first += chunk;
            arena.Reset();
        }

        Assert.Equal(sequences[0].Length, first);
        return pass;
    }

    /// <summary>Tokens [first, first + count) of every sequence, with their positions.</summary>
    private static TokenBatch Batch(IKernels kernels, int[][] sequences, int first, int count)
    {
        var rows = sequences.Length * count;
        var (tokens, positions) = (kernels.Allocate(DType.Int32, rows).View(rows, 1), kernels.Allocate(DType.Int32, rows).View(rows, 1));
        kernels.Write<int>(tokens, [.. sequences.SelectMany(sequence => sequence.AsSpan(first, count).ToArray())]);
        kernels.Write<int>(positions, [.. sequences.SelectMany(_ => Enumerable.Range(first, count))]);
        return new TokenBatch(tokens, positions, sequences.Length, count);
    }

    private static void Deal(double[] numbers, List<double>[] sequences)
    {
        foreach (var (sequence, share) in sequences.Zip(numbers.Chunk(numbers.Length / sequences.Length)))
            sequence.AddRange(share);
    }

    private static uint Random(int seed, int i) => Philox.Block(new RandomKey((ulong)seed, RandomPurpose.Windows, 0, 0), 0, (uint)i)[0];

    /// <summary>For each sequence, the hidden states (T, C) and logits (T, V).</summary>
    internal sealed record Pass(List<double>[] Hidden, List<double>[] Logits);
}
