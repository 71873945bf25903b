using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>Attention, then a feed-forward layer, each with a norm and added to the residual stream.</summary>
public abstract class Block : ISection
{
    /// <summary>Computes the block and, when the step has a tape, records it.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, C).</param>
    /// <param name="batch">Where the tokens stand.</param>
    /// <param name="cache">Keys and values of the tokens before these, to which theirs are added; or null.</param>
    /// <returns>(B, T, C).</returns>
    public abstract Tensor Forward(Step step, Tensor x, TokenBatch batch, KeyValueCache? cache);

    /// <inheritdoc/>
    Tensor ISection.Forward(Step step, Tensor x, TokenBatch batch) => Forward(step, x, batch, cache: null);
}
