using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>Zeroes some elements and scales the others (Srivastava et al., 2014); x itself where nothing is dropped.</summary>
    public static Tensor Dropout(Step step, Tensor x, Dropout dropout)
    {
        if (!dropout.IsActive)
        {
            return x;
        }

        var y = step.Allocate(x.Shape);
        step.Kernels.ApplyDropout(x.View, dropout, y.View);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<DropoutNode>();
            (node.Output, node.X, node.Dropout) = (y, x, dropout);
        }

        return y;
    }

    private sealed class DropoutNode : TapeNode
    {
        public Tensor X { get; set; }

        public Dropout Dropout { get; set; }

        public override void Backward(Step step, Tape tape)
        {
            var dy = tape.Gradient(Output);
            step.Kernels.ApplyDropout(dy, Dropout, dy);
            tape.HandOver(step, Output, X);
        }
    }
}
