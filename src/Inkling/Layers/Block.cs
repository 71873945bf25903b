using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>Attention and feed-forward, each behind a norm and added to the residual stream (pre-norm, as in GPT-2).</summary>
public sealed class Block(Module attentionNorm, CausalSelfAttention attention, Module feedForwardNorm, FeedForward feedForward)
{
    /// <summary>x + attention(norm(x)), then the same with the feed-forward layer.</summary>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, Tensor x, KeyValueCache? cache)
    {
        x = attention.Forward(step, attentionNorm.Forward(step, x), residual: x, cache);
        return feedForward.Forward(step, feedForwardNorm.Forward(step, x), residual: x);
    }
}
