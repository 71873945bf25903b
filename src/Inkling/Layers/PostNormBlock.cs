using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>norm(x + f(x)) for both layers, as in "Attention Is All You Need" (2017).</summary>
public sealed class PostNormBlock(CausalSelfAttention attention, Module attentionNorm, FeedForward feedForward, Module feedForwardNorm) : Block
{
    /// <inheritdoc/>
    public override Tensor Forward(Step step, Tensor x, TokenBatch batch, KeyValueCache? cache)
    {
        x = attentionNorm.Forward(step, attention.Forward(step, x, residual: x, batch, cache)); // (B, T, C)
        return feedForwardNorm.Forward(step, feedForward.Forward(step, x, residual: x)); // (B, T, C)
    }
}
