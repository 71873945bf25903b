namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>
    /// Queries, keys and values out of one packed tensor, as views: nothing is copied, in either direction. Nothing else may
    /// use the packed tensor.
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="packed">(B, T, query width + 2·key width).</param>
    /// <param name="queryWidth">Columns of the queries.</param>
    /// <param name="keyWidth">Columns of the keys, and of the values.</param>
    public static (Tensor Q, Tensor K, Tensor V) SplitColumns(Step step, Tensor packed, int queryWidth, int keyWidth)
    {
        var q = Slice(step, packed, 0, queryWidth);
        var k = Slice(step, packed, queryWidth, keyWidth);
        var v = Slice(step, packed, queryWidth + keyWidth, keyWidth);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<SplitColumnsNode>();
            (node.Packed, node.Q, node.K, node.V) = (packed, q, k, v);
        }

        return (q, k, v);
    }

    private static Tensor Slice(Step step, Tensor packed, int from, int count)
        => new(packed.View.SliceColumns(from, count), packed.Shape.WithChannels(count), step.Tape?.AddSlot(packed, from) ?? 0);

    private sealed class SplitColumnsNode : TapeNode
    {
        public Tensor Packed { get; set; }

        public Tensor Q { get; set; }

        public Tensor K { get; set; }

        public Tensor V { get; set; }

        public override bool IsReached(Tape tape) => tape.HasGradient(Q) || tape.HasGradient(K) || tape.HasGradient(V);

        public override void Backward(Step step, Tape tape)
        {
            Complete(step, tape, Q);
            Complete(step, tape, K);
            Complete(step, tape, V);
            tape.MarkWritten(Packed);
        }

        private static void Complete(Step step, Tape tape, Tensor part)
        {
            if (!tape.HasGradient(part))
            {
                step.Kernels.Fill(tape.Target(step, part, out _), 0);
            }
        }
    }
}
