using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>Layer normalisation with a gain and, optionally, a bias.</summary>
public sealed class LayerNorm : Module
{
    private readonly Parameter _gain;
    private readonly Parameter? _bias;
    private readonly double _epsilon;

    /// <summary>Adds <c>name.weight</c> and, with <paramref name="hasBias"/>, <c>name.bias</c> to the parameters.</summary>
    public LayerNorm(ParameterStore parameters, string name, int width, bool hasBias, double epsilon)
    {
        _gain = parameters.AddVector(name + ".weight", width, Initialization.One);
        _bias = hasBias ? parameters.AddVector(name + ".bias", width, Initialization.Zero) : null;
        _epsilon = epsilon;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Step step, Tensor x) => Operation.LayerNorm(step, x, _gain, _bias, _epsilon); // (B, T, C)
}
