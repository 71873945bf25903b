using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    // Logits that exist at once, but for the fewest rows: 64 MB in float32. More would not make the products any faster.
    private const long LogitsPerChunk = 1 << 24;

    /// <summary>
    /// The last linear layer and the cross entropy of each token, without ever holding all logits: losses[i] =
    /// weights[i]·(−ln softmax(x·W + bias)[targets[i]]), and 0 where the target is −1.
    /// </summary>
    /// <remarks>
    /// It ends the forward pass: the gradient of Σ losses is known at once, since each loss has its weight already, and is computed
    /// chunk by chunk while the logits are there. So the logits need be neither kept nor computed again.
    /// </remarks>
    /// <param name="step">The pass.</param>
    /// <param name="x">Hidden states (B, T, C).</param>
    /// <param name="weight">W, C inputs and V outputs.</param>
    /// <param name="bias">(1, V), or null.</param>
    /// <param name="targets">Next tokens, (B·T, 1).</param>
    /// <param name="weights">What each token counts, (B·T, 1); 1/n for a mean over n.</param>
    /// <param name="losses">Receives the losses, (B·T, 1).</param>
    public static void HeadLoss(
        Step step, Tensor x, Parameter weight, Parameter? bias, MatrixView targets, MatrixView weights, MatrixView losses)
    {
        var vocabularySize = weight.Prepared.OutputCount;
        var chunk = Math.Min(HeadChunkRows(vocabularySize), x.Shape.Rows);
        var mark = step.Arena.Mark();
        var dx = default(MatrixView);
        var accumulateInput = false;
        if (step.Tape is { } tape)
        {
            tape.Uses(weight);
            tape.Uses(bias);
            dx = x.NeedsGradient ? tape.Target(step, x, out accumulateInput) : default;
            mark = step.Arena.Mark();
        }

        var logits = step.Arena.Allocate(chunk, vocabularySize);
        for (var from = 0; from < x.Shape.Rows; from += chunk)
        {
            var count = Math.Min(chunk, x.Shape.Rows - from);
            var rows = x.View.SliceRows(from, count);
            var part = logits.SliceRows(0, count);
            step.Kernels.Linear(new LinearArguments { X = rows, Weight = weight.Prepared, Bias = bias?.Value ?? default, Y = part });
            step.Kernels.CrossEntropy(
                part, targets.SliceRows(from, count), weights.SliceRows(from, count), losses.SliceRows(from, count), step.Tape is null ? default : part);
            if (step.Tape is { } recording)
            {
                AddParameterGradients(step, recording, weight, bias, rows, part);
                if (!dx.IsNone)
                {
                    step.Kernels.LinearBackwardInput(part, weight.Prepared, dx.SliceRows(from, count), accumulateInput);
                }
            }
        }

        step.Arena.Release(mark);
        step.Tape?.Contributed(weight);
        step.Tape?.Contributed(bias);
    }

    /// <summary>Most tokens whose logits exist at once.</summary>
    public static int HeadChunkRows(int vocabularySize) => (int)Math.Max(64, LogitsPerChunk / vocabularySize / 64 * 64);
}
