using Inkling.Kernels;

namespace Inkling.Models;

/// <summary>What the kinds are made of.</summary>
public static class FeedForwardKinds
{
    /// <summary>Whether the function is a gate, with a third matrix beside the two.</summary>
    public static bool IsGated(this FeedForwardKind kind) => kind is FeedForwardKind.Swiglu or FeedForwardKind.Geglu;

    /// <summary>The function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static Activation Function(this FeedForwardKind kind) => kind switch
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
