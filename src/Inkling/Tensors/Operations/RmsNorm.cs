using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>
    /// Each group of channels brought to a mean square of 1, then scaled (Zhang and Sennrich, "Root Mean Square Layer Normalization",
    /// 2019). The gain says how wide a group is: all channels of a token, or those of one head.
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, G·C).</param>
    /// <param name="gain">(1, C).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>(B, T, G·C).</returns>
    public static Tensor RmsNorm(Step step, Tensor x, Parameter gain, double epsilon)
    {
        var y = step.Allocate(x.Shape); // (B, T, G·C)
        var statistics = step.Arena.Allocate(x.View.Rows, x.Shape.Channels / gain.Description.Columns);
        step.Kernels.RmsNorm(x.View, gain.Value, epsilon, y.View, statistics);
        if (step.Tape is { } tape)
        {
            tape.Uses(gain);
            var node = tape.Record<RmsNormNode>();
            (node.Output, node.X, node.Statistics, node.Gain) = (y, x, statistics, gain);
        }

        return y;
    }

    private sealed class RmsNormNode : TapeNode
    {
        public Tensor X { get; set; }

        public MatrixView Statistics { get; set; }

        public Parameter? Gain { get; set; }

        public override void Skip(Tape tape) => tape.Contributed(Gain);

        public override void Backward(Step step, Tape tape)
        {
            var (accumulate, accumulateInput) = (false, false);
            var dGain = tape.Gradients.Holds(Gain!)
                ? tape.Gradients.Target(Gain!, out accumulate)
                : step.Arena.Allocate(1, Gain!.Description.Columns);
            var dx = X.NeedsGradient ? tape.Target(step, X, out accumulateInput) : step.Arena.Allocate(X.Shape.Rows, X.Shape.Channels);
            step.Kernels.RmsNormBackward(X.View, Gain!.Value, Statistics, tape.Gradient(Output), dx, accumulateInput, dGain, accumulate);
            tape.Contributed(Gain);
        }
    }
}
