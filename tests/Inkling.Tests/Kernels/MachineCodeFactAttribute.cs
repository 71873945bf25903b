using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>A test of machine code for bfloat16 that is visibly skipped where there is none.</summary>
public sealed class MachineCodeFactAttribute : FactAttribute
{
    public MachineCodeFactAttribute() => Skip = CpuKernels.Bfloat16Refusal();
}
