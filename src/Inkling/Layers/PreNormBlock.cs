using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>x + f(norm(x)) for both layers, as in GPT-2.</summary>
public sealed class PreNormBlock(Module attentionNorm, CausalSelfAttention attention, Module feedForwardNorm, FeedForward feedForward) : Block
{
    /// <inheritdoc/>
    public override Tensor Forward(Step step, Tensor x, TokenBatch batch, KeyValueCache? cache)
    {
        x = attention.Forward(step, attentionNorm.Forward(step, x), residual: x, batch, cache); // (B, T, C)
        return feedForward.Forward(step, feedForwardNorm.Forward(step, x), residual: x); // (B, T, C)
    }
}
