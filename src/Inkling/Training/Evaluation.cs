using Inkling.Data;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Training;

/// <summary>Losses of a model on text it is not trained on.</summary>
public static class Evaluation
{
    // Tokens per pass: enough to fill the kernels, few enough to stay small beside a training batch.
    private const int TokensPerPass = 4_096;

    /// <summary>
    /// Losses over all of <paramref name="data"/>: windows of the context length side by side, every token but the first predicted exactly once.
    /// </summary>
    /// <exception cref="CorpusException">There are fewer than two tokens.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled on the way.</exception>
    public static EvaluationResult Measure(Gpt model, TokenData data, CancellationToken cancellation = default)
    {
        using var arena = new Arena(model.Parameters.Kernels);
        return Measure(model, data, arena, cancellation);
    }

    /// <summary>Whether <see cref="EvaluationResult.LossHalfContext"/> includes a token: whether it sees at least half a context.</summary>
    /// <param name="index">Place of the token in the text that is measured, such as <see cref="DataSplit.Validation"/>, from 0.</param>
    /// <param name="contextLength">Context length of the model.</param>
    public static bool HasHalfContext(long index, int contextLength)
        => index > 0 && (index - 1) % contextLength >= FirstWithHalfContext(contextLength);

    /// <summary>Tokens of a pass over windows of this length.</summary>
    internal static int LongestPass(int contextLength) => SequencesPerPass(contextLength) * contextLength;

    internal static EvaluationResult Measure(Gpt model, TokenData data, Arena arena, CancellationToken cancellation)
    {
        var contextLength = model.Config.ContextLength;
        var sequences = SequencesPerPass(contextLength);
        var windows = new ValidationWindows(data, contextLength, sequences);
        using var buffers = new BatchBuffers(model.Parameters.Kernels, sequences, contextLength, weight: 1);
        double total = 0, totalHalf = 0;
        long countHalf = 0;
        for (long i = 0; i < windows.BatchCount; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (rows, length) = windows.Fill(i, buffers.Inputs, buffers.Targets);
            var (sum, sumHalf) = SumsOfLosses(model, buffers.Load(rows, length), arena);
            total += sum;
            totalHalf += sumHalf;
            countHalf += (long)rows * Math.Max(0, length - FirstWithHalfContext(contextLength));
        }

        return new EvaluationResult(total / windows.TokenCount, countHalf == 0 ? null : totalHalf / countHalf);
    }

    /// <summary>Weighted sums of the losses of one batch, without gradients: of all, and of those with half a context.</summary>
    internal static (double All, double HalfContext) SumsOfLosses(Gpt model, LoadedBatch batch, Arena arena)
    {
        var kernels = model.Parameters.Kernels;
        arena.Reset();
        var step = new Step(kernels, arena);
        var result = arena.Allocate(1, 2);
        model.Loss(step, model.Forward(step, batch.Tokens), batch.Targets, batch.Weights, batch.Losses);
        kernels.Sum(batch.Losses, result.SliceColumns(0, 1), accumulate: false);
        kernels.Sum(WithHalfContext(batch, model.Config.ContextLength), result.SliceColumns(1, 1), accumulate: false);
        Span<double> sums = stackalloc double[2];
        kernels.ReadReals(result, sums);
        return (sums[0], sums[1]);
    }

    private static int SequencesPerPass(int contextLength) => Math.Max(1, TokensPerPass / contextLength);

    /// <summary>The losses as a matrix with a row per window, (B, T), without its first columns.</summary>
    private static MatrixView WithHalfContext(LoadedBatch batch, int contextLength)
    {
        var (rows, length) = (batch.Tokens.Batch, batch.Tokens.Time);
        var first = Math.Min(FirstWithHalfContext(contextLength), length);
        return new MatrixView(batch.Losses.Buffer, batch.Losses.Offset + first, rows, length - first, length);
    }

    /// <summary>The first position of a window whose target has ⌈T/2⌉ tokens before it: the position sees itself too.</summary>
    private static int FirstWithHalfContext(int contextLength) => (contextLength - 1) / 2;
}
