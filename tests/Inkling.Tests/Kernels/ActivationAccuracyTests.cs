using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

public class ActivationAccuracyTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int Count = 20_001;

    // Beyond, the exponential leaves the normal numbers.
    private const double Range = 87;

    public static TheoryData<InstructionSet> Sets => CpuKernelsFixture.Sets;

    /// <summary>Measured: 1.8e-7 of the value, which falls to 1e-36; 9.8e-7 of the slope, whose factor 1 − σ cancels.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void Silu_keeps_its_digits_where_it_is_small(InstructionSet set)
    {
        var (value, slope) = Run(cpu.Get(set, 1));
        using var reference = new ReferenceKernels<double>();
        var (expectedValue, expectedSlope) = Run(reference);
        for (var i = 0; i < Count; i++)
        {
            Assert.InRange(Math.Abs(value[i] - expectedValue[i]), 0, 3e-7 * Math.Abs(expectedValue[i]));
            Assert.InRange(Math.Abs(slope[i] - expectedSlope[i]), 0, 1.2e-6);
        }
    }

    private static (double[] Value, double[] Slope) Run(IKernels kernels)
    {
        var grid = Enumerable.Range(0, Count).Select(i => (double)(float)(Range * ((2.0 * i / (Count - 1)) - 1)));
        var (x, dy, y, dx) = (kernels.Matrix(1, Count, [.. grid]), kernels.Matrix(1, Count), kernels.Matrix(1, Count), kernels.Matrix(1, Count));
        kernels.Fill(dy, 1);
        kernels.Activate(Activation.Silu, x, y);
        kernels.ActivateBackward(Activation.Silu, x, dy, dx);
        return (kernels.ReadNumbers(y), kernels.ReadNumbers(dx));
    }
}
