using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>A layer that maps (B, T, C) to (B, T, C′) with parameters of its own; norms and feed-forward layers can be exchanged for one another.</summary>
public abstract class Module
{
    /// <summary>Computes the layer and, when the step has a tape, records it.</summary>
    public abstract Tensor Forward(Step step, Tensor x);
}
