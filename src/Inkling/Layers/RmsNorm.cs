using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>RMS normalisation with a gain, of all channels or of each group that is as wide as the gain.</summary>
public sealed class RmsNorm : Module
{
    private readonly Parameter _gain;
    private readonly double _epsilon;

    /// <summary>Adds <c>name.weight</c> to the parameters.</summary>
    public RmsNorm(ParameterStore parameters, string name, int width, double epsilon)
    {
        _gain = parameters.AddVector(name + ".weight", width, Initialization.One);
        _epsilon = epsilon;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Step step, Tensor x) => Operation.RmsNorm(step, x, _gain, _epsilon); // (B, T, C)
}
