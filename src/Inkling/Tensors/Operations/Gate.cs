using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>
    /// y = f(gate)·up, element by element, for gated feed-forward layers (Shazeer, "GLU Variants Improve Transformer", 2020).
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="packed">Gate and up side by side, (B, T, 2·F).</param>
    /// <param name="activation">f.</param>
    /// <returns>(B, T, F).</returns>
    public static Tensor Gate(Step step, Tensor packed, Activation activation)
    {
        var F = packed.Shape.Channels / 2;
        var y = step.Allocate(packed.Shape.WithChannels(F)); // (B, T, F)
        step.Kernels.Gate(activation, packed.View.SliceColumns(0, F), packed.View.SliceColumns(F, F), y.View);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<GateNode>();
            (node.Output, node.Packed, node.Activation) = (y, packed, activation);
        }

        return y;
    }

    private sealed class GateNode : TapeNode
    {
        public Tensor Packed { get; set; }

        public Activation Activation { get; set; }

        public override void Backward(Step step, Tape tape)
        {
            var F = Output.Shape.Channels;
            var gradient = new OverwrittenGradient(step, tape, Packed);
            step.Kernels.GateBackward(
                Activation, Packed.View.SliceColumns(0, F), Packed.View.SliceColumns(F, F), tape.Gradient(Output),
                gradient.View.SliceColumns(0, F), gradient.View.SliceColumns(F, F));
            gradient.Complete(step, tape);
        }
    }
}
