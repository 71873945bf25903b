using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>y = f(x), element by element. After a linear layer, let that apply it instead.</summary>
    public static Tensor Activate(Step step, Tensor x, Activation activation)
    {
        var y = step.Allocate(x.Shape);
        step.Kernels.Activate(activation, x.View, y.View);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<ActivateNode>();
            (node.Output, node.X, node.Activation) = (y, x, activation);
        }

        return y;
    }

    private sealed class ActivateNode : TapeNode
    {
        public Tensor X { get; set; }

        public Activation Activation { get; set; }

        public override void Backward(Step step, Tape tape)
        {
            var dy = tape.Gradient(Output);
            step.Kernels.ActivateBackward(Activation, X.View, dy, dy);
            tape.HandOver(step, Output, X);
        }
    }
}
