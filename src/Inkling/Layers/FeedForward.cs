using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>A wider layer between two linear ones, applied to each token by itself.</summary>
public abstract class FeedForward
{
    private readonly FeedForwardOptions _options;
    private readonly Linear _down;
    private readonly int _layer;

    private protected FeedForward(ParameterStore parameters, int layer, int upWidth, FeedForwardOptions options)
    {
        (_layer, _options) = (layer, options);
        Up = new Linear(parameters, $"h.{layer}.mlp.c_fc", options.Width, upWidth, options.HasBias, options.StandardDeviation);
        _down = new Linear(parameters, $"h.{layer}.mlp.c_proj", options.HiddenWidth, options.Width, options.HasBias, options.ProjectionStandardDeviation);
    }

    private protected Linear Up { get; }

    /// <summary>residual + down(hidden(x)).</summary>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, Tensor x, Tensor residual)
    {
        var hidden = Hidden(step, x); // (B, T, F)
        var dropout = step.Dropout(_options.ResidualDropout, DropoutSite.FeedForward(_layer), x.Shape.Time);
        return _down.Forward(step, hidden, dropout: dropout, residual: residual); // (B, T, C)
    }

    private protected abstract Tensor Hidden(Step step, Tensor x);
}
