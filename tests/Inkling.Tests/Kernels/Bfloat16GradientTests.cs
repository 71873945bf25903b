using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

/// <summary>
/// What is rounded has no derivative to compare gradients with. On operands that bfloat16 holds they must be those of float32, but for what is rounded
/// within.
/// </summary>
public class Bfloat16GradientTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int T = 50, D = 24, H = 4, Hk = 2;

    private static readonly AttentionShape Shape = new()
    {
        BatchSize = 2,
        QueryCount = T,
        KeyCount = T,
        KeyCapacity = T,
        HeadCount = H,
        KeyHeadCount = Hk,
        HeadSize = D,
        Causal = true,
    };

    public static TheoryData<string> Variants => [.. CpuKernelsFixture.Variants(Precision.Bfloat16)];

    /// <summary>Sums of sixteenths times sixteenths need fewer than 24 bits: whatever their order, nothing is rounded at all.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void A_linear_layer_has_the_bits_of_float32(string variant)
    {
        const int M = 45, K = 67, N = 70;
        var kernels = cpu.Get(variant, 2);
        var (x, w, dy) = (Sixteenths(kernels, M, K, 1), Sixteenths(kernels, K, N, 2), Sixteenths(kernels, M, N, 3));
        Assert.All(Run(Precision.Float32).Zip(Run(Precision.Bfloat16)), pair => Assert.Equal(pair.First, pair.Second));

        double[][] Run(Precision precision)
        {
            var (y, dx, dw) = (kernels.Matrix(M, N), kernels.Matrix(M, K), kernels.Matrix(K, N));
            using var weight = kernels.Prepare(w, WeightLayout.InputByOutput, precision);
            kernels.Linear(new LinearArguments { X = x, Weight = weight, Y = y });
            kernels.LinearBackwardInput(dy, weight, dx, accumulate: false);
            kernels.LinearBackwardWeight(x, dy, dw, WeightLayout.InputByOutput, precision, accumulate: false);
            return [kernels.ReadNumbers(y), kernels.ReadNumbers(dx), kernels.ReadNumbers(dw)];
        }
    }

    /// <summary>Weights and slopes are rounded, to 2⁻⁹ at most and evenly up and down, so that what they are mixed to is better than each of them.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void Attention_is_within_a_rounding_of_float32(string variant)
    {
        const double Rounding = 1.0 / (1 << 9);
        var kernels = cpu.Get(variant, 2);
        var (q, k, v) = (Sixteenths(kernels, 2 * T, H * D, 1), Sixteenths(kernels, 2 * T, Hk * D, 2), Sixteenths(kernels, 2 * T, Hk * D, 3));
        var dy = Sixteenths(kernels, 2 * T, H * D, 4);
        foreach (var (expected, actual) in Run(Precision.Float32).Zip(Run(Precision.Bfloat16)))
        {
            var error = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(a => a * a));
            Assert.InRange(error, Rounding / 100, Rounding);
        }

        double[][] Run(Precision precision)
        {
            var shape = Shape with { Precision = precision };
            var (y, logSumExp, dq) = (kernels.Matrix(2 * T, H * D), kernels.Matrix(2 * H, T), kernels.Matrix(2 * T, H * D));
            var (dk, dv) = (kernels.Matrix(2 * T, Hk * D), kernels.Matrix(2 * T, Hk * D));
            kernels.Attention(shape, q, k, v, Dropout.None, y, logSumExp);
            kernels.AttentionBackward(shape, q, k, v, Dropout.None, y, logSumExp, dy, dq, dk, dv);
            return [.. new[] { y, dq, dk, dv }.Select(kernels.ReadNumbers)];
        }
    }

    /// <summary>
    /// A weight of one that nothing can change: the slopes of scores are zero but for the rounding of floats, also where the gradient that arrives
    /// is none that bfloat16 holds.
    /// </summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void A_query_that_sees_one_key_moves_neither(string variant)
    {
        var kernels = cpu.Get(variant, 2);
        var (q, k, v, dy) = (Normal(kernels, H * D, 1), Normal(kernels, Hk * D, 2), Normal(kernels, Hk * D, 3), Normal(kernels, H * D, 4));
        var (y, logSumExp, dq) = (kernels.Matrix(2 * T, H * D), kernels.Matrix(2 * H, T), kernels.Matrix(2 * T, H * D));
        var (dk, dv) = (kernels.Matrix(2 * T, Hk * D), kernels.Matrix(2 * T, Hk * D));
        var shape = Shape with { Window = 1, Precision = Precision.Bfloat16 };
        kernels.Attention(shape, q, k, v, Dropout.None, y, logSumExp);
        kernels.AttentionBackward(shape, q, k, v, Dropout.None, y, logSumExp, dy, dq, dk, dv);

        // Σ dy·y against Σ dy·v: sums of two dozen terms of about one, in two orders.
        Assert.InRange(kernels.ReadNumbers(dq).Concat(kernels.ReadNumbers(dk)).Max(Math.Abs), 0, 1e-5);
    }

    private static MatrixView Normal(IKernels kernels, int columns, uint site)
    {
        var matrix = kernels.Matrix(2 * T, columns);
        kernels.FillNormal(matrix, 1, new RandomKey(1, RandomPurpose.Initialization, 0, site));
        return matrix;
    }

    /// <summary>Numbers of [−1, 1] with four bits after the point.</summary>
    private static MatrixView Sixteenths(IKernels kernels, int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return kernels.Matrix(rows, columns, [.. Enumerable.Range(0, rows * columns).Select(_ => random.Next(-16, 17) / 16.0)]);
    }
}
