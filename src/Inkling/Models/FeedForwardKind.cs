using Inkling.Kernels;

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

/// <summary>What the kinds are made of.</summary>
public static class FeedForwardKinds
{
    /// <summary>Whether the function is a gate, with a third matrix beside the two.</summary>
    public static bool IsGated(this FeedForwardKind kind) => kind is FeedForwardKind.Swiglu or FeedForwardKind.Geglu;

    /// <summary>The function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static Activation Activation(this FeedForwardKind kind) => kind switch
    {
        FeedForwardKind.None => Kernels.Activation.None,
        FeedForwardKind.Relu => Kernels.Activation.Relu,
        FeedForwardKind.ReluSquared => Kernels.Activation.ReluSquared,
        FeedForwardKind.Gelu => Kernels.Activation.Gelu,
        FeedForwardKind.GeluTanh or FeedForwardKind.Geglu => Kernels.Activation.GeluTanh,
        FeedForwardKind.Silu or FeedForwardKind.Swiglu => Kernels.Activation.Silu,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such feed-forward layer."),
    };
}
