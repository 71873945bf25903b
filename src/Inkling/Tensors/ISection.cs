namespace Inkling.Tensors;

/// <summary>A part of a forward pass that can be computed again: from equal arguments equal bits, x left as it is, and nothing kept.</summary>
public interface ISection
{
    /// <summary>Computes the section and, when the step has a tape, records it.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, C).</param>
    /// <param name="batch">Where the tokens stand.</param>
    /// <returns>(B, T, C).</returns>
    Tensor Forward(Step step, Tensor x, TokenBatch batch);
}
