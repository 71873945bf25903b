using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>Two linear layers with an activation between them, applied to each token by itself.</summary>
public sealed class FeedForward
{
    private readonly FeedForwardOptions _options;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly int _layer;

    /// <summary>Adds <c>h.layer.mlp.c_fc</c> and <c>h.layer.mlp.c_proj</c> to the parameters.</summary>
    public FeedForward(ParameterStore parameters, int layer, FeedForwardOptions options)
    {
        (_layer, _options) = (layer, options);
        _up = new Linear(parameters, $"h.{layer}.mlp.c_fc", options.Width, options.HiddenWidth, options.HasBias, options.StandardDeviation);
        _down = new Linear(parameters, $"h.{layer}.mlp.c_proj", options.HiddenWidth, options.Width, options.HasBias, options.ProjectionStandardDeviation);
    }

    /// <summary>residual + down(activation(up(x))).</summary>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, Tensor x, Tensor residual)
    {
        var hidden = _up.Forward(step, x, _options.Activation); // (B, T, F)
        var dropout = step.Dropout(_options.ResidualDropout, DropoutSite.FeedForward(_layer), x.Shape.Time);
        return _down.Forward(step, hidden, dropout: dropout, residual: residual); // (B, T, C)
    }
}
