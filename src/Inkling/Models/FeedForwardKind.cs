namespace Inkling.Models;

/// <summary>What stands between the two linear layers of a feed-forward layer: a function, or a function as a gate.</summary>
public enum FeedForwardKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>max(0, x)² (So et al., "Primer", 2021).</summary>
    ReluSquared,

    /// <summary>x·Φ(x).</summary>
    Gelu,

    /// <summary>The tanh approximation of <see cref="Gelu"/> that GPT-2 was trained with.</summary>
    GeluTanh,

    /// <summary>x·σ(x).</summary>
    Silu,

    /// <summary>silu(gate)·up, two linear layers side by side (Shazeer, "GLU Variants Improve Transformer", 2020; Llama).</summary>
    Swiglu,

    /// <summary>gelu-tanh(gate)·up (the same paper; Gemma).</summary>
    Geglu,
}
