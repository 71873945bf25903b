namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>y = a + b, all (B, T, C). After a linear layer, let that add its residual instead.</summary>
    public static Tensor Add(Step step, Tensor a, Tensor b)
    {
        var y = step.Allocate(a.Shape);
        step.Kernels.Add(a.View, b.View, y.View);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<AddNode>();
            (node.Output, node.A, node.B) = (y, a, b);
        }

        return y;
    }

    private sealed class AddNode : TapeNode
    {
        public Tensor A { get; set; }

        public Tensor B { get; set; }

        public override void Backward(Step step, Tape tape)
        {
            // b gets a copy, so that the two gradients can grow apart.
            if (B.NeedsGradient)
            {
                var target = tape.Target(step, B, out var accumulate);
                var dy = tape.Gradient(Output);
                if (accumulate)
                {
                    step.Kernels.Add(target, dy, target);
                }
                else
                {
                    step.Kernels.Copy(dy, target);
                }
            }

            tape.HandOver(step, Output, A);
        }
    }
}
