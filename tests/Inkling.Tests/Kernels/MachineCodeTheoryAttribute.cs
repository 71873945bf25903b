using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>A theory on machine code for bfloat16, visibly skipped where there is none.</summary>
public sealed class MachineCodeTheoryAttribute : TheoryAttribute
{
    public MachineCodeTheoryAttribute() => Skip = CpuKernels.Bfloat16Refusal();
}
