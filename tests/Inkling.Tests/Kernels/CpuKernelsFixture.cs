using System.Collections.Concurrent;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>CPU kernels of every instruction set and thread count, started once for the tests of a class.</summary>
public sealed class CpuKernelsFixture : IDisposable
{
    private const string WithoutMachineCode = " without machine code";

    private readonly ConcurrentDictionary<(string, int), IKernels> _kernels = new();

    /// <summary>The instruction sets that this processor can be tested with.</summary>
    public static TheoryData<InstructionSet> Sets => [.. CpuKernels.Supported];

    /// <summary>The variants of each precision.</summary>
    public static TheoryData<string, Precision> VariantsOfPrecisions
    {
        get
        {
            var data = new TheoryData<string, Precision>();
            foreach (var precision in new[] { Precision.Float32, Precision.Bfloat16 })
            {
                foreach (var variant in Variants(precision))
                    data.Add(variant, precision);
            }

            return data;
        }
    }

    /// <summary>Implementations of products that this processor can be tested with: instruction sets, and the widest without the machine code that it may have.</summary>
    public static IEnumerable<string> Variants(Precision precision)
        => CpuKernels.Supported.Select(set => set.ToString()).Concat(
            precision == Precision.Bfloat16 && CpuKernels.Supported.Contains(InstructionSet.Vector512) ? [$"{InstructionSet.Vector512}{WithoutMachineCode}"] : []);

    public static CpuOptions Options(string variant, int threadCount) => new()
    {
        InstructionSet = Enum.Parse<InstructionSet>(variant.Replace(WithoutMachineCode, "", StringComparison.Ordinal)),
        UsesMachineCode = !variant.EndsWith(WithoutMachineCode, StringComparison.Ordinal),
        ThreadCount = threadCount,
    };

    public IKernels Get(InstructionSet set, int threadCount) => Get(set.ToString(), threadCount);

    public IKernels Get(string variant, int threadCount)
        => _kernels.GetOrAdd((variant, threadCount), _ => CpuKernels.Create(Options(variant, threadCount)));

    public void Dispose()
    {
        foreach (var kernels in _kernels.Values)
            kernels.Dispose();
    }
}
