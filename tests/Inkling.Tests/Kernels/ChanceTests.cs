using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

/// <summary>The law of chance: a draw depends on its key, row and column alone.</summary>
public class ChanceTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private static readonly RandomKey Key = new(11, RandomPurpose.Dropout, 1, 2);

    public static TheoryData<InstructionSet> Sets => CpuKernelsFixture.Sets;

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Dropout_drops_about_its_rate_and_keeps_the_mean(double rate)
    {
        const int Rows = 400, Columns = 250, Count = Rows * Columns;
        using var kernels = new ReferenceKernels<float>();
        var x = kernels.Matrix(Rows, Columns);
        kernels.Fill(x, 1);
        var dropout = new Dropout((float)rate, Key, 0);
        kernels.ApplyDropout(x, dropout, x);

        var results = kernels.ReadNumbers(x);
        var dropped = results.Count(value => value == 0);
        var deviation = Math.Sqrt(Count * rate * (1 - rate)); // of a binomial distribution; five are passed once in two million
        Assert.InRange(dropped, (Count * rate) - (5 * deviation), (Count * rate) + (5 * deviation));
        Assert.All(results.Where(value => value != 0), value => Assert.Equal(dropout.Scale, value));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Linear_and_its_gradient_drop_the_same_elements(InstructionSet set)
    {
        const int M = 13, N = 131;
        var kernels = cpu.Get(set, 3);
        var dropout = new Dropout(0.3f, Key, 100);
        var (y, dx, ones) = (kernels.Matrix(M, N), kernels.Matrix(M, N), kernels.Matrix(M, N));
        kernels.Fill(ones, 1);
        using var zeros = kernels.Prepare(kernels.Matrix(1, N), WeightLayout.InputByOutput, Precision.Float32);
        kernels.Linear(new LinearArguments
        {
            X = ones.SliceColumns(0, 1),
            Weight = zeros,
            Bias = ones.SliceRows(0, 1),
            Dropout = dropout,
            Y = y,
        });
        kernels.ApplyDropout(ones, dropout, dx);
        Assert.Equal(kernels.ReadNumbers(y), kernels.ReadNumbers(dx));
        Assert.Equal(
            from i in Enumerable.Range(0, M)
            from j in Enumerable.Range(0, N)
            select dropout.Word(i, j) >= dropout.Threshold,
            kernels.ReadNumbers(y).Select(value => value != 0));
    }

    /// <summary>With equal scores and unit vectors as values, the output is the row of weights, and dv of unit vectors their columns.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void Attention_and_its_gradient_drop_the_same_weights(InstructionSet set)
    {
        const int T = 67;
        var kernels = cpu.Get(set, 3);
        var dropout = new Dropout(0.3f, Key, 1000);
        var shape = new AttentionShape
        {
            BatchSize = 1,
            QueryCount = T,
            KeyCount = T,
            KeyCapacity = T,
            HeadCount = 1,
            KeyHeadCount = 1,
            HeadSize = T,
        };
        var (zeros, units) = (kernels.Matrix(T, T), kernels.Matrix(T, T, [.. from i in Enumerable.Range(0, T * T) select i % (T + 1) == 0 ? 1 : 0]));
        var (y, logSumExp, dq, dk, dv) = (kernels.Matrix(T, T), kernels.Matrix(1, T), kernels.Matrix(T, T), kernels.Matrix(T, T), kernels.Matrix(T, T));
        kernels.Attention(shape, zeros, zeros, units, dropout, y, logSumExp);
        kernels.AttentionBackward(shape, zeros, zeros, units, dropout, y, logSumExp, units, dq, dk, dv);

        var (weights, gradient) = (kernels.ReadNumbers(y), kernels.ReadNumbers(dv));
        for (var i = 0; i < T; i++)
        {
            for (var j = 0; j < T; j++)
            {
                var kept = dropout.AttentionWord(dropout.FirstRow + (uint)i, j) >= dropout.Threshold;
                Assert.Equal(kept ? 1 / 0.7 / T : 0, weights[(i * T) + j], 1e-6);
                Assert.Equal(kept ? 1 / 0.7 / T : 0, gradient[(j * T) + i], 1e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Normal_numbers_have_their_deviation_and_do_not_depend_on_the_shape(InstructionSet set)
    {
        const int Count = 100_000;
        var kernels = cpu.Get(set, 3);
        var (row, matrix) = (kernels.Matrix(1, Count), kernels.Matrix(33, 7));
        kernels.FillNormal(row, 2, Key);
        kernels.FillNormal(matrix, 2, Key);

        var numbers = kernels.ReadNumbers(row);
        Assert.Equal(numbers[..(33 * 7)], kernels.ReadNumbers(matrix));
        Assert.Equal(0, numbers.Average(), 5 * 2 / Math.Sqrt(Count)); // five deviations of the mean
        Assert.Equal(4, numbers.Average(x => x * x), 5 * 4 * Math.Sqrt(2.0 / Count)); // and of the variance
        Assert.Equal(0.6827, numbers.Count(x => Math.Abs(x) < 2) / (double)Count, 0.0075); // and of the part within one σ
    }
}
