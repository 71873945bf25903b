using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>
/// Activations (B, T, C) in the arena of a step; nobody disposes them. <c>default</c> stands for "none".
/// </summary>
/// <param name="View">Where the numbers lie: B·T rows of C columns.</param>
/// <param name="Shape">Size.</param>
/// <param name="Slot">Number of its gradient on the tape; 0 when nothing can ask for one.</param>
public readonly record struct Tensor(MatrixView View, Shape Shape, int Slot)
{
    /// <summary>True for <c>default</c>.</summary>
    public bool IsNone => View.IsNone;

    /// <summary>True when the tape follows this tensor.</summary>
    public bool NeedsGradient => Slot != 0;
}
