using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

public class CpuKernelTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    public static TheoryData<string, string> Cases => Combine(KernelCases.All);

    public static TheoryData<string, string> ProductCases
        => Combine(KernelCases.All.Where(kernelCase => kernelCase.Operands.Any(operand => operand.Name == "dw" && operand.Terms > 0)));

    public static TheoryData<string> Bfloat16Cases
        => [.. KernelCases.All.Where(kernelCase => kernelCase.Precision == Precision.Bfloat16).Select(kernelCase => kernelCase.Name)];

    public static TheoryData<string, string> RotationCases
        => Combine(KernelCases.All.Where(kernelCase => kernelCase.Name.StartsWith("Rotate", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Results_agree_with_the_reference_whatever_the_threads_and_layout(string variant, string name)
    {
        var kernelCase = KernelCases.Named(name);
        var alone = kernelCase.Run(cpu.Get(variant, 1), OperandLayout.Tight);
        kernelCase.AssertAgrees(alone);
        foreach (var (threadCount, layout) in new[] { (1, OperandLayout.Loose), (2, OperandLayout.Tight), (3, OperandLayout.Loose) })
            AssertSameBits(alone, kernelCase.Run(cpu.Get(variant, threadCount), layout), $"{threadCount} threads, {layout}");
    }

    [Theory]
    [MemberData(nameof(ProductCases))]
    public void Products_have_the_bits_of_one_chain_of_multiply_adds(string variant, string name)
    {
        using var reference = new ReferenceKernels<float>();
        var expected = KernelCases.Named(name).Run(reference, OperandLayout.Tight);
        expected.Remove("db"); // a column sum, which goes by chunks of rows
        AssertSameBits(expected, KernelCases.Named(name).Run(cpu.Get(variant, 1), OperandLayout.Tight), name);
    }

    [MachineCodeTheory]
    [MemberData(nameof(Bfloat16Cases))]
    public void Machine_code_has_the_bits_of_plain_code(string name)
    {
        var kernelCase = KernelCases.Named(name);
        var expected = kernelCase.Run(cpu.Get($"{InstructionSet.Vector512} without machine code", 1), OperandLayout.Tight);
        AssertSameBits(expected, kernelCase.Run(cpu.Get(InstructionSet.Vector512, 1), OperandLayout.Tight), "machine code");
    }

    [Theory]
    [MemberData(nameof(RotationCases))]
    public void Rotations_have_the_bits_of_the_formula(string variant, string name)
    {
        using var reference = new ReferenceKernels<float>();
        AssertSameBits(KernelCases.Named(name).Run(reference, OperandLayout.Tight), KernelCases.Named(name).Run(cpu.Get(variant, 1), OperandLayout.Tight), name);
    }

    [InstructionSetFact(InstructionSet.Vector512)]
    public void Vector512_is_tested_here() => AssertRuns(InstructionSet.Vector512);

    [InstructionSetFact(InstructionSet.Vector256)]
    public void Vector256_is_tested_here() => AssertRuns(InstructionSet.Vector256);

    [InstructionSetFact(InstructionSet.Vector128)]
    public void Vector128_is_tested_here() => AssertRuns(InstructionSet.Vector128);

    [Fact]
    public void Memory_is_counted_and_given_back()
    {
        var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        var before = kernels.AllocatedBytes;
        var buffer = kernels.Allocate(DType.Float32, 1000);
        Assert.InRange(kernels.AllocatedBytes - before, 4000, 4200); // padding to a cache line is fine
        Assert.Equal(new double[1000], kernels.ReadNumbers(buffer.View(10, 100)));
        buffer.Dispose();
        Assert.Equal(before, kernels.AllocatedBytes);
        kernels.Dispose();
    }

    [Theory]
    [MemberData(nameof(CpuKernelsFixture.VariantsOfPrecisions), MemberType = typeof(CpuKernelsFixture))]
    public void Invalidated_weight_is_prepared_again(string variant, Precision precision)
    {
        var kernels = cpu.Get(variant, 1);
        var (weight, x, y) = (kernels.Matrix(1, 1, 2), kernels.Matrix(1, 1, 10), kernels.Matrix(1, 1));
        using var prepared = kernels.Prepare(weight, WeightLayout.InputByOutput, precision);
        kernels.Linear(new LinearArguments { X = x, Weight = prepared, Y = y });
        Assert.Equal([20], kernels.ReadNumbers(y));

        kernels.WriteNumbers(weight, [3]);
        kernels.Invalidate(prepared);
        kernels.Linear(new LinearArguments { X = x, Weight = prepared, Y = y });
        Assert.Equal([30], kernels.ReadNumbers(y));
        kernels.LinearBackwardInput(x, prepared, y, accumulate: true);
        Assert.Equal([60], kernels.ReadNumbers(y));
    }

    private static TheoryData<string, string> Combine(IEnumerable<KernelCase> kernelCases)
    {
        var data = new TheoryData<string, string>();
        foreach (var kernelCase in kernelCases)
        {
            foreach (var variant in CpuKernelsFixture.Variants(kernelCase.Precision))
                data.Add(variant, kernelCase.Name);
        }

        return data;
    }

    private static void AssertSameBits(Dictionary<string, double[]> expected, Dictionary<string, double[]> actual, string when)
    {
        foreach (var (name, numbers) in expected)
            Assert.True(numbers.SequenceEqual(actual[name], BitComparer.Instance), $"{name} has other bits with {when}.");
    }

    private void AssertRuns(InstructionSet set) => Assert.Contains(set.ToString(), cpu.Get(set, 1).Description, StringComparison.Ordinal);
}
