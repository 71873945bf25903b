using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

public sealed class LargeLogitTests
{
    public static TheoryData<InstructionSet> InstructionSets => [.. CpuKernels.Supported];

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Cross_entropy_keeps_its_digits_at_large_logits(InstructionSet set)
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1, InstructionSet = set });
        var reals = kernels.Allocate(DType.Float32, 8);
        var logits = new MatrixView(reals, 0, 2, 2, 2);
        var (weights, losses) = (new MatrixView(reals, 4, 2, 1, 1), new MatrixView(reals, 6, 2, 1, 1));
        var targets = kernels.Allocate(DType.Int32, 2).View(2, 1);
        kernels.Write<float>(logits, [20_000, 20_001, 20_000, 20_001]);
        kernels.Fill(weights, 1);
        kernels.Write<int>(targets, [0, 1]);
        kernels.CrossEntropy(logits, targets, weights, losses, logits);

        // ln(1 + e) and ln(1 + 1/e), and the softmax 1/(1 + e).
        var (found, gradient) = (new float[2], new float[4]);
        kernels.Read<float>(losses, found);
        kernels.Read<float>(logits, gradient);
        Assert.Equal(1.3132617, found[0], 1e-6);
        Assert.Equal(0.3132617, found[1], 1e-6);
        float[] expected = [-0.7310586f, 0.7310586f, 0.2689414f, -0.2689414f];
        Assert.All(expected.Zip(gradient), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void A_residual_that_the_product_would_overwrite_is_refused()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        var buffer = kernels.Allocate(DType.Float32, 64);
        var (x, y) = (new MatrixView(buffer, 0, 2, 4, 4), new MatrixView(buffer, 8, 2, 4, 4));
        var weight = kernels.Prepare(new MatrixView(buffer, 16, 4, 4, 4), WeightLayout.InputByOutput, Precision.Float32);
        var refusal = Assert.Throws<ArgumentException>(() => kernels.Linear(new LinearArguments { X = x, Weight = weight, Residual = y, Y = y }));
        Assert.Equal("Linear: Residual and Y are the same view; the product would overwrite what is to be added.", refusal.Message);
    }
}
