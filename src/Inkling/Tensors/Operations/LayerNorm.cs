using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>Each token's channels brought to mean 0 and variance 1, then scaled and shifted (Ba et al., 2016).</summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, C).</param>
    /// <param name="gain">(1, C).</param>
    /// <param name="bias">(1, C), or null.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>(B, T, C).</returns>
    public static Tensor LayerNorm(Step step, Tensor x, Parameter gain, Parameter? bias, double epsilon)
    {
        var y = step.Allocate(x.Shape); // (B, T, C)
        var statistics = step.Arena.Allocate(x.View.Rows, 2);
        step.Kernels.LayerNorm(x.View, gain.Value, bias?.Value ?? default, epsilon, y.View, statistics);
        if (step.Tape is { } tape)
        {
            tape.Uses(gain);
            tape.Uses(bias);
            var node = tape.Record<LayerNormNode>();
            (node.Output, node.X, node.Statistics, node.Gain, node.Bias) = (y, x, statistics, gain, bias);
        }

        return y;
    }

    private sealed class LayerNormNode : TapeNode
    {
        public Tensor X { get; set; }

        public MatrixView Statistics { get; set; }

        public Parameter? Gain { get; set; }

        public Parameter? Bias { get; set; }

        public override void Skip(Tape tape)
        {
            tape.Contributed(Gain);
            tape.Contributed(Bias);
        }

        public override void Backward(Step step, Tape tape)
        {
            // Gain and bias belong together: frozen or trained, written or not, they agree.
            var trains = tape.Gradients.Holds(Gain!);
            var accumulate = false;
            var dGain = trains ? tape.Gradients.Target(Gain!, out accumulate) : step.Arena.Allocate(1, X.Shape.Channels);
            var dBias = trains && Bias is not null ? tape.Gradients.Target(Bias, out _) : default;
            var accumulateInput = false;
            var dx = X.NeedsGradient ? tape.Target(step, X, out accumulateInput) : step.Arena.Allocate(X.Shape.Rows, X.Shape.Channels);
            step.Kernels.LayerNormBackward(
                X.View, Gain!.Value, Statistics, tape.Gradient(Output), dx, accumulateInput, dGain, dBias, accumulate);
            tape.Contributed(Gain);
            tape.Contributed(Bias);
        }
    }
}
