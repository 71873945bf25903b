using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>Multi-head attention in which a token sees itself and those before it.</summary>
public sealed class CausalSelfAttention
{
    private readonly CausalSelfAttentionOptions _options;
    private readonly QueryKeyLayer[] _queryKeyLayers;
    private readonly Linear _queryKeyValue;
    private readonly Linear _projection;
    private readonly int _queryWidth;
    private readonly int _keyWidth;
    private readonly int _layer;

    /// <summary>Adds <c>h.layer.attn.c_attn</c> and <c>h.layer.attn.c_proj</c> to the parameters.</summary>
    public CausalSelfAttention(ParameterStore parameters, int layer, CausalSelfAttentionOptions options)
    {
        (_layer, _options) = (layer, options);
        _queryKeyLayers = [.. options.QueryKeyLayers];
        (_queryWidth, _keyWidth) = (options.HeadCount * options.HeadSize, options.KeyValueHeadCount * options.HeadSize);
        var name = $"h.{layer}.attn";
        _queryKeyValue = new Linear(
            parameters, $"{name}.c_attn", options.Width, _queryWidth + (2 * _keyWidth), options.HasQueryKeyValueBias, options.StandardDeviation);
        _projection = new Linear(
            parameters, $"{name}.c_proj", _queryWidth, options.Width, options.HasBias, options.ProjectionStandardDeviation);
    }

    /// <summary>residual + projection(attention(x)).</summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, C).</param>
    /// <param name="residual">(B, T, C).</param>
    /// <param name="batch">Where the tokens stand.</param>
    /// <param name="cache">Keys and values of the tokens before these, to which theirs are added; or null.</param>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, Tensor x, Tensor residual, TokenBatch batch, KeyValueCache? cache)
    {
        var packed = _queryKeyValue.Forward(step, x); // (B, T, (H + 2·Hk)·D)
        var (q, k, v) = Operation.SplitColumns(step, packed, _queryWidth, _keyWidth); // (B, T, H·D) and twice (B, T, Hk·D)
        foreach (var layer in _queryKeyLayers)
        {
            (q, k) = layer.Forward(step, q, k, batch.Positions);
        }

        if (cache is not null)
        {
            (k, v) = cache.Append(step, _layer, k, v); // (B, capacity, Hk·D)
        }

        var shape = new AttentionShape
        {
            BatchSize = batch.Batch,
            QueryCount = batch.Time,
            KeyCount = (cache?.Length ?? 0) + batch.Time,
            KeyCapacity = cache?.Capacity ?? batch.Time,
            HeadCount = _options.HeadCount,
            KeyHeadCount = _options.KeyValueHeadCount,
            HeadSize = _options.HeadSize,
            QueryOffset = cache?.Length ?? 0,
            Causal = true,
            Window = _options.Window,
            Precision = _queryKeyValue.Weight.Store.Precision,
        };
        step.Probe?.Observe($"h.{_layer}.attn.q", q);
        step.Probe?.Observe($"h.{_layer}.attn.k", k);
        step.Probe?.Observe($"h.{_layer}.attn.v", v);
        var weightDropout = step.Dropout(_options.AttentionDropout, DropoutSite.Attention(_layer), _options.HeadCount * batch.Time);
        var y = Operation.Attention(step, shape, q, k, v, weightDropout); // (B, T, H·D)
        step.Probe?.Observe($"h.{_layer}.attn.y", y);
        var dropout = step.Dropout(_options.ResidualDropout, DropoutSite.AttentionOutput(_layer), batch.Time);
        return _projection.Forward(step, y, dropout: dropout, residual: residual); // (B, T, C)
    }
}
