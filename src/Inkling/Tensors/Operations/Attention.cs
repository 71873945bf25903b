using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>softmax(q·kᵀ/√D)·v for every head ("Attention Is All You Need", equation 1), under the mask of <paramref name="shape"/>.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="shape">Sizes and mask.</param>
    /// <param name="q">(B, T, H·D).</param>
    /// <param name="k">(B, keys, Hk·D).</param>
    /// <param name="v">(B, keys, Hk·D).</param>
    /// <param name="dropout">Applied to the weights.</param>
    /// <returns>(B, T, H·D).</returns>
    public static Tensor Attention(Step step, in AttentionShape shape, Tensor q, Tensor k, Tensor v, Dropout dropout = default)
    {
        var y = step.Allocate(q.Shape); // (B, T, H·D)
        var logSumExp = step.Tape is null ? default : step.Arena.Allocate(shape.BatchSize * shape.HeadCount, shape.QueryCount);
        step.Kernels.Attention(shape, q.View, k.View, v.View, dropout, y.View, logSumExp);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<AttentionNode>();
            (node.Output, node.Q, node.K, node.V) = (y, q, k, v);
            (node.AttentionShape, node.LogSumExp, node.Dropout) = (shape, logSumExp, dropout);
        }

        return y;
    }

    private sealed class AttentionNode : TapeNode
    {
        public Tensor Q { get; set; }

        public Tensor K { get; set; }

        public Tensor V { get; set; }

        public AttentionShape AttentionShape { get; set; }

        public MatrixView LogSumExp { get; set; }

        public Dropout Dropout { get; set; }

        public override void Backward(Step step, Tape tape)
        {
            var q = new OverwrittenGradient(step, tape, Q);
            var k = new OverwrittenGradient(step, tape, K);
            var v = new OverwrittenGradient(step, tape, V);
            step.Kernels.AttentionBackward(
                AttentionShape, Q.View, K.View, V.View, Dropout, Output.View, LogSumExp, tape.Gradient(Output), q.View, k.View, v.View);
            q.Complete(step, tape);
            k.Complete(step, tape);
            v.Complete(step, tape);
        }
    }
}
