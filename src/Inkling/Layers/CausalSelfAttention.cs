using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>Multi-head attention in which a token sees itself and those before it.</summary>
public sealed class CausalSelfAttention
{
    private readonly CausalSelfAttentionOptions _options;
    private readonly Linear _queryKeyValue;
    private readonly Linear _projection;
    private readonly int _layer;

    /// <summary>Adds <c>h.layer.attn.c_attn</c> and <c>h.layer.attn.c_proj</c> to the parameters.</summary>
    public CausalSelfAttention(ParameterStore parameters, int layer, CausalSelfAttentionOptions options)
    {
        (_layer, _options) = (layer, options);
        var headWidth = options.HeadCount * options.HeadSize;
        var name = $"h.{layer}.attn";
        _queryKeyValue = new Linear(
            parameters, $"{name}.c_attn", options.Width, 3 * headWidth, options.HasQueryKeyValueBias, options.StandardDeviation);
        _projection = new Linear(
            parameters, $"{name}.c_proj", headWidth, options.Width, options.HasBias, options.ProjectionStandardDeviation);
    }

    /// <summary>residual + projection(attention(x)).</summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, C).</param>
    /// <param name="residual">(B, T, C).</param>
    /// <param name="cache">Keys and values of the tokens before these, to which theirs are added; or null.</param>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, Tensor x, Tensor residual, KeyValueCache? cache)
    {
        var (batch, time) = (x.Shape.Batch, x.Shape.Time);
        var headWidth = _options.HeadCount * _options.HeadSize;
        var packed = _queryKeyValue.Forward(step, x); // (B, T, 3·H·D)
        var (q, k, v) = Operation.SplitColumns(step, packed, headWidth, headWidth); // each (B, T, H·D)
        if (cache is not null)
        {
            (k, v) = cache.Append(step, _layer, k, v); // (B, capacity, H·D)
        }

        var shape = new AttentionShape
        {
            BatchSize = batch,
            QueryCount = time,
            KeyCount = (cache?.Length ?? 0) + time,
            KeyCapacity = cache?.Capacity ?? time,
            HeadCount = _options.HeadCount,
            KeyHeadCount = _options.HeadCount,
            HeadSize = _options.HeadSize,
            QueryOffset = cache?.Length ?? 0,
            Causal = true,
        };
        var weightDropout = step.Dropout(_options.AttentionDropout, DropoutSite.Attention(_layer), _options.HeadCount * time);
        var y = Operation.Attention(step, shape, q, k, v, weightDropout); // (B, T, H·D)
        var dropout = step.Dropout(_options.ResidualDropout, DropoutSite.AttentionOutput(_layer), time);
        return _projection.Forward(step, y, dropout: dropout, residual: residual); // (B, T, C)
    }
}
