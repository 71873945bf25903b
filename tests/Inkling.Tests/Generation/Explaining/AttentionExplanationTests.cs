using Inkling.Generation.Explaining;
using Inkling.Kernels;
using Inkling.Tests.Kernels;
using Inkling.Tests.Models;

namespace Inkling.Tests.Generation.Explaining;

/// <summary>Attention as it is explained against the kernels that compute it, and both against numbers that can be checked by hand.</summary>
public sealed class AttentionExplanationTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    public static TheoryData<string> Kernels => [.. KernelVariants.All];

    /// <summary>Names, and the sizes and mask they stand for.</summary>
    public static TheoryData<int, int, bool, int> Shapes => new()
    {
        { 1, 1, true, 0 },
        { 4, 4, true, 0 },
        { 4, 2, true, 0 },
        { 4, 1, true, 0 },
        { 2, 2, false, 0 },
        { 4, 2, true, 3 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_weights_times_the_values_are_what_the_kernel_computes(int headCount, int keyHeadCount, bool causal, int window)
    {
        const int T = 7, D = 5;
        var shape = Shape(T, headCount, keyHeadCount, D) with { Causal = causal, Window = window };
        foreach (var name in KernelVariants.Single)
        {
            var kernels = variants[name];
            var (q, k, v) = (Random(kernels, T, headCount * D, 1), Random(kernels, T, keyHeadCount * D, 2), Random(kernels, T, keyHeadCount * D, 3));
            var y = kernels.Matrix(T, headCount * D);
            kernels.Attention(shape, q, k, v, Dropout.None, y, default);
            double[] expected = kernels.ReadNumbers(y);

            var attention = new AttentionExplanation(
                shape, ForwardRecorder.Rows(kernels, q), ForwardRecorder.Rows(kernels, k), ForwardRecorder.Rows(kernels, v));

            var outputs =
                from query in Enumerable.Range(0, T)
                from head in Enumerable.Range(0, headCount)
                from number in attention.Output(head, query)
                select number;
            Assert.All(expected.Zip(outputs), pair => Assert.Equal(pair.First, pair.Second, 1e-6)); // float32 sums of values of about 1
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Weights_sum_to_1_and_are_0_for_what_a_query_does_not_see(int headCount, int keyHeadCount, bool causal, int window)
    {
        const int T = 7, D = 5;
        var kernels = variants[KernelVariants.Single[0]];
        float[][] Rows(int heads, ulong seed) => ForwardRecorder.Rows(kernels, Random(kernels, T, heads * D, seed));
        var attention = new AttentionExplanation(
            Shape(T, headCount, keyHeadCount, D) with { Causal = causal, Window = window }, Rows(headCount, 1), Rows(keyHeadCount, 2), Rows(keyHeadCount, 3));
        for (var query = 0; query < T; query++)
        {
            var weights = attention.Weights(headCount - 1, query);

            Assert.Equal(1, weights.Sum(), 1e-12);
            for (var key = 0; key < T; key++)
            {
                var sees = !causal || (key <= query && (window == 0 || key > query - window));
                Assert.Equal((sees, sees), (attention.Sees(query, key), weights[key] > 0));
            }
        }
    }

    /// <summary>A query of zeros finds all keys alike: each position gets the mean of those up to its own.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_query_of_zeros_averages_what_it_sees(string name)
    {
        var kernels = variants[name];
        var shape = Shape(T: 5, headCount: 1, keyHeadCount: 1, D: 5) with { Causal = true };
        var (q, k, y) = (kernels.Matrix(5, 5, new double[25]), Random(kernels, 5, 5, 1), kernels.Matrix(5, 5));
        double[] one = [.. Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 1.0 : 0)];

        // The values are the rows of the unit matrix, so that the output is the weights themselves.
        kernels.Attention(shape, q, k, kernels.Matrix(5, 5, one), Dropout.None, y, default);

        double[] expected =
        [
            1, 0, 0, 0, 0,
            1 / 2.0, 1 / 2.0, 0, 0, 0,
            1 / 3.0, 1 / 3.0, 1 / 3.0, 0, 0,
            1 / 4.0, 1 / 4.0, 1 / 4.0, 1 / 4.0, 0,
            1 / 5.0, 1 / 5.0, 1 / 5.0, 1 / 5.0, 1 / 5.0,
        ];
        foreach (var (wanted, actual) in expected.Zip(kernels.ReadNumbers(y)))
            Assert.Equal(wanted, actual, 1e-7); // one rounding of float32
        if (kernels.Real == DType.Float32)
        {
            var attention = new AttentionExplanation(shape, ForwardRecorder.Rows(kernels, q), ForwardRecorder.Rows(kernels, k), ForwardRecorder.Rows(kernels, k));
            foreach (var (wanted, actual) in expected.Zip(Enumerable.Range(0, 5).SelectMany(query => attention.Weights(0, query))))
                Assert.Equal(wanted, actual, 1e-15);
        }
    }

    private static AttentionShape Shape(int T, int headCount, int keyHeadCount, int D) => new()
    {
        BatchSize = 1,
        QueryCount = T,
        KeyCount = T,
        KeyCapacity = T,
        HeadCount = headCount,
        KeyHeadCount = keyHeadCount,
        HeadSize = D,
    };

    private static MatrixView Random(IKernels kernels, int rows, int columns, ulong seed)
    {
        var matrix = kernels.Matrix(rows, columns);
        kernels.FillNormal(matrix, 1, new RandomKey(seed, RandomPurpose.Initialization, 0, 0));
        return matrix;
    }
}
