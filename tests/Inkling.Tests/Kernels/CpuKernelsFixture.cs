using System.Collections.Concurrent;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>CPU kernels of every instruction set and thread count, started once for the tests of a class.</summary>
public sealed class CpuKernelsFixture : IDisposable
{
    private readonly ConcurrentDictionary<(InstructionSet, int), IKernels> _kernels = new();

    /// <summary>The instruction sets that this processor can be tested with.</summary>
    public static TheoryData<InstructionSet> Sets => [.. CpuKernels.Supported];

    public IKernels Get(InstructionSet set, int threadCount)
        => _kernels.GetOrAdd((set, threadCount), _ => CpuKernels.Create(new CpuOptions { InstructionSet = set, ThreadCount = threadCount }));

    public void Dispose()
    {
        foreach (var kernels in _kernels.Values)
            kernels.Dispose();
    }
}
