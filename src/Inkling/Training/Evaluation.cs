using Inkling.Data;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Training;

/// <summary>Losses of a model on text it is not trained on.</summary>
public static class Evaluation
{
    // Tokens per pass: enough to fill the kernels, few enough to stay small beside a training batch.
    private const int TokensPerPass = 4_096;

    /// <summary>
    /// Mean loss in nats per token over all of <paramref name="data"/>: windows of the context length side by side, every token but the first
    /// predicted exactly once.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled on the way.</exception>
    public static double WholeLoss(Gpt model, TokenData data, CancellationToken cancellation = default)
    {
        using var arena = new Arena(model.Parameters.Kernels);
        return WholeLoss(model, data, arena, cancellation);
    }

    internal static double WholeLoss(Gpt model, TokenData data, Arena arena, CancellationToken cancellation)
    {
        var contextLength = model.Config.ContextLength;
        var sequences = Math.Max(1, TokensPerPass / contextLength);
        var windows = new ValidationWindows(data, contextLength, sequences);
        using var buffers = new BatchBuffers(model.Parameters.Kernels, sequences, contextLength, weight: 1);
        double total = 0;
        for (long i = 0; i < windows.BatchCount; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (rows, length) = windows.Fill(i, buffers.Inputs, buffers.Targets);
            total += SumOfLosses(model, buffers.Load(rows, length), arena);
        }

        return total / windows.TokenCount;
    }

    /// <summary>Weighted sum of the losses of one batch, without gradients.</summary>
    internal static double SumOfLosses(Gpt model, LoadedBatch batch, Arena arena)
    {
        var kernels = model.Parameters.Kernels;
        arena.Reset();
        var step = new Step(kernels, arena);
        var result = arena.Allocate(1, 1);
        model.Loss(step, model.Forward(step, batch.Tokens), batch.Targets, batch.Weights, batch.Losses);
        kernels.Sum(batch.Losses, result, accumulate: false);
        Span<double> sum = stackalloc double[1];
        kernels.ReadReals(result, sum);
        return sum[0];
    }
}
