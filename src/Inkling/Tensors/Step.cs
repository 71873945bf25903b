using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>
/// All that a forward pass may depend on besides parameters and inputs; nothing is ambient. One pass, one micro-batch.
/// </summary>
/// <param name="Kernels">What computes.</param>
/// <param name="Arena">Where tensors live.</param>
public sealed record Step(IKernels Kernels, Arena Arena)
{
    /// <summary>Records the operations; null when no gradients are wanted, and then nothing is saved for them.</summary>
    public Tape? Tape { get; init; }

    /// <summary>Whether the tape keeps only what goes into each block, and the backward pass computes the rest again: less memory, the same bits.</summary>
    public bool Recomputes { get; init; }

    /// <summary>Whether dropout acts.</summary>
    public bool IsTraining { get; init; }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Number of the training step.</summary>
    public uint Number { get; init; }

    /// <summary>Where this micro-batch begins in the global batch, in sequences.</summary>
    public int FirstSequence { get; init; }

    /// <summary>Watches the pass; optional.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>An uninitialised tensor, with a gradient slot when a tape records.</summary>
    public Tensor Allocate(Shape shape) => new(Arena.Allocate(shape.Rows, shape.Channels), shape, Tape?.AddSlot() ?? 0);

    /// <summary>The draw of a dropout layer in this step.</summary>
    /// <param name="rate">Fraction dropped in training.</param>
    /// <param name="site">Number of the layer among the model's dropouts.</param>
    /// <param name="rowsPerSequence">Rows of the matrix that belong to one sequence.</param>
    public Dropout Dropout(double rate, int site, int rowsPerSequence)
        => IsTraining && rate > 0
            ? new Dropout((float)rate, new RandomKey(Seed, RandomPurpose.Dropout, Number, (uint)site), checked((uint)FirstSequence * (uint)rowsPerSequence))
            : Inkling.Kernels.Dropout.None;
}
