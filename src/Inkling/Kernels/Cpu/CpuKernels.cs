using System.Runtime.Intrinsics;

namespace Inkling.Kernels.Cpu;

/// <summary>Kernels for the processor: float32, on every core, in the widest vectors it has.</summary>
public static class CpuKernels
{
    /// <summary>The instruction sets that this processor runs in hardware, widest first.</summary>
    public static IReadOnlyList<InstructionSet> Supported { get; } = FindSupported();

    /// <summary>Starts the worker threads and returns the kernels; dispose them to end the threads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set asked for.</exception>
    public static IKernels Create(CpuOptions? options = null)
    {
        var (set, threads) = Resolve(options);
        return set switch
        {
            InstructionSet.Vector512 => new CpuKernels<Float512>(set, threads),
            InstructionSet.Vector256 => new CpuKernels<Float256>(set, threads),
            _ => new CpuKernels<Float128>(set, threads),
        };
    }

    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set.</exception>
    internal static InstructionSet Resolve(InstructionSet set)
        => set == InstructionSet.Automatic ? Supported[0]
        : Supported.Contains(set) ? set
        : throw new PlatformNotSupportedException($"This processor does not run {set}; it has {string.Join(", ", Supported)}.");

    /// <summary>The options with the defaults filled in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set asked for.</exception>
    internal static (InstructionSet Set, int ThreadCount) Resolve(CpuOptions? options)
    {
        options ??= new CpuOptions();
        options.Validate();
        return (Resolve(options.InstructionSet), options.ThreadCount == 0 ? Environment.ProcessorCount : options.ThreadCount);
    }

    private static List<InstructionSet> FindSupported()
    {
        var sets = new List<InstructionSet>();
        if (Vector512.IsHardwareAccelerated)
        {
            sets.Add(InstructionSet.Vector512);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            sets.Add(InstructionSet.Vector256);
        }

        // Without hardware vectors the runtime emulates this one: slow, but right.
        sets.Add(InstructionSet.Vector128);
        return sets;
    }
}
