namespace Inkling.Kernels;

/// <summary>
/// Names a stream of random numbers. With a row and a block it fixes four 32-bit words, whoever asks, whenever, on
/// whichever device; so there is no generator state to save, and micro-batches, ranks and recomputation agree.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Purpose">What the numbers are for.</param>
/// <param name="Step">Training step, or position in a generated text.</param>
/// <param name="Site">Which of several users with the same purpose asks, below 2^24.</param>
public readonly record struct RandomKey(ulong Seed, RandomPurpose Purpose, uint Step, uint Site)
{
    /// <summary>Purpose and site packed into the last counter word.</summary>
    internal uint Stream => ((uint)Purpose << 24) | (Site & 0xFF_FFFF);
}
