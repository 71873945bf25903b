using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>A test that is visibly skipped where the processor lacks an instruction set.</summary>
public sealed class InstructionSetFactAttribute : FactAttribute
{
    public InstructionSetFactAttribute(InstructionSet set)
    {
        if (!CpuKernels.Supported.Contains(set))
            Skip = $"this processor does not run {set}";
    }
}
