using System.Runtime.Intrinsics;
using Inkling.Kernels.Cpu.Emitted;

namespace Inkling.Kernels.Cpu;

/// <summary>Kernels for the processor, on every core, in the widest vectors it has.</summary>
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
        var usesMachineCode = options?.UsesMachineCode ?? true;
        return set switch
        {
            InstructionSet.Vector512 => new CpuKernels<Float512>(set, threads, usesMachineCode),
            InstructionSet.Vector256 => new CpuKernels<Float256>(set, threads, usesMachineCode),
            _ => new CpuKernels<Float128>(set, threads, usesMachineCode),
        };
    }

    /// <summary>
    /// Why products of bfloat16 would be no faster than those of float32 with these options, in words that continue a sentence; null where they
    /// use the processor's instructions for it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set asked for.</exception>
    public static string? Bfloat16Refusal(CpuOptions? options = null)
    {
        using var support = Bfloat16Support.Find(Resolve(options).Set, options?.UsesMachineCode ?? true);
        return support.Refusal;
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
