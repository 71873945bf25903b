using System.ComponentModel;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Cpu.Emitted;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels.Emitted;

/// <summary>Where there is machine code for bfloat16, and what is said where there is none.</summary>
public class Bfloat16SupportTests
{
    [Theory]
    [InlineData(InstructionSet.Vector256)]
    [InlineData(InstructionSet.Vector128)]
    public void Narrower_vectors_have_none(InstructionSet set)
    {
        if (CpuKernels.Supported.Contains(set))
            Assert.Equal($"it goes with Vector512, not with {set}", CpuKernels.Bfloat16Refusal(new CpuOptions { InstructionSet = set }));
    }

    [Fact]
    public void It_can_be_switched_off()
        => Assert.Equal("machine code is switched off", CpuKernels.Bfloat16Refusal(new CpuOptions { UsesMachineCode = false }));

    /// <summary>Whatever this machine is, the kernels say of themselves what the code says of it.</summary>
    [InstructionSetFact(InstructionSet.Vector512)]
    public void With_the_widest_vectors_the_machine_decides()
    {
        using var code = Bfloat16Code.TryCreate(out var refusal);
        Assert.Equal(refusal is null, code is not null);
        Assert.Equal(refusal, CpuKernels.Bfloat16Refusal(new CpuOptions { InstructionSet = InstructionSet.Vector512 }));
    }

    /// <summary>As where the system forbids memory that was written to be executed; what was begun by then is finalized.</summary>
    [MachineCodeFact]
    public void A_system_that_refuses_machine_code_is_named_and_nothing_falls()
    {
        Assert.Null(Bfloat16Code.TryCreate(out var refusal, _ => throw new Win32Exception(13)));
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Equal($"the system refused to run machine code ({new Win32Exception(13).Message})", refusal);
    }

    [Fact]
    public void Without_machine_code_float32_is_the_fastest()
    {
        foreach (var set in CpuKernels.Supported)
        {
            var options = new CpuOptions { InstructionSet = set, ThreadCount = 1, UsesMachineCode = false };
            using var kernels = CpuKernels.Create(options);
            using var plan = CpuMemoryPlan.Create(options);
            Assert.Equal((Precision.Float32, Precision.Float32), (kernels.FastestPrecision, plan.FastestPrecision));
        }

        using var reference = new ReferenceKernels<float>();
        Assert.Equal(Precision.Float32, reference.FastestPrecision);
    }

    [Fact]
    public void The_fastest_precision_is_one_that_kernels_compute_with()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        Assert.NotEqual(Precision.Auto, kernels.FastestPrecision);
    }

    [Fact]
    public void A_weight_is_not_prepared_for_whatever_is_fastest()
    {
        using var cpu = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        using var plan = CpuMemoryPlan.Create(new CpuOptions { ThreadCount = 1 });
        using var reference = new ReferenceKernels<float>();
        foreach (var kernels in new IKernels[] { cpu, plan, reference })
        {
            var weight = kernels.Allocate(DType.Float32, 4).View(2, 2);
            var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => kernels.Prepare(weight, WeightLayout.InputByOutput, Precision.Auto));
            Assert.StartsWith("Prepare: a product needs Float32 or Bfloat16; ask FastestPrecision which.", refusal.Message, StringComparison.Ordinal);
        }
    }
}
