namespace Inkling.Kernels.Cpu;

/// <summary>How the CPU kernels run; results have the same bits for any number of threads.</summary>
public sealed record CpuOptions
{
    /// <summary>Most threads that make sense; more only costs memory.</summary>
    public const int MaximumThreadCount = 256;

    /// <summary>Threads, the caller's included; 0 takes one per processor.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Vector width; tests force each.</summary>
    public InstructionSet InstructionSet { get; init; }

    /// <summary>
    /// Whether instructions for which .NET has no methods are used, through machine code that is written when it is first needed; products of
    /// bfloat16 are as slow as those of float32 without.
    /// </summary>
    public bool UsesMachineCode { get; init; } = true;

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A field is outside its range.</exception>
    public void Validate()
    {
        if (ThreadCount is < 0 or > MaximumThreadCount)
        {
            throw new ArgumentOutOfRangeException(nameof(ThreadCount), ThreadCount, $"The thread count must be 0 (automatic) to {MaximumThreadCount}.");
        }

        if (!Enum.IsDefined(InstructionSet))
        {
            throw new ArgumentOutOfRangeException(nameof(InstructionSet), InstructionSet, "Unknown instruction set.");
        }
    }
}
