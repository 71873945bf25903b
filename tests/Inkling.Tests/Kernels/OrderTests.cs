using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>The law of order: the bits of a row depend on that row alone, and those of a query on the keys that it sees.</summary>
public class OrderTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int Rows = 37;

    private static readonly RandomKey Key = new(5, RandomPurpose.Initialization, 0, 0);

    private static readonly (int, int)[] Sizes = [(1, 1), (3, 127), (64, 64), (65, 63), (128, 384), (600, 17)];

    private static IEnumerable<(string Variant, Precision Precision)> Variants
        => new[] { Precision.Float32, Precision.Bfloat16 }.SelectMany(precision => CpuKernelsFixture.Variants(precision).Select(variant => (variant, precision)));

    /// <summary>Variant and precision, and the keys a query sees at most, 0 for all.</summary>
    public static TheoryData<string, Precision, int> Windows
    {
        get
        {
            var data = new TheoryData<string, Precision, int>();
            foreach (var (variant, precision) in Variants)
            {
                foreach (var window in new[] { 0, 1, 2, 7, 20, 33 })
                    data.Add(variant, precision, window);
            }

            return data;
        }
    }

    /// <summary>Variant and precision, width in, width out.</summary>
    public static TheoryData<string, Precision, int, int> Products
    {
        get
        {
            var data = new TheoryData<string, Precision, int, int>();
            foreach (var (variant, precision) in Variants)
            {
                foreach (var (K, N) in Sizes)
                    data.Add(variant, precision, K, N);
            }

            return data;
        }
    }

    /// <summary>Set, width in, width out.</summary>
    public static TheoryData<InstructionSet, int, int> Widths
    {
        get
        {
            var data = new TheoryData<InstructionSet, int, int>();
            foreach (var set in CpuKernels.Supported)
            {
                foreach (var (K, N) in Sizes)
                    data.Add(set, K, N);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Linear_row_has_the_same_bits_in_any_batch(string variant, Precision precision, int K, int N)
    {
        var kernels = cpu.Get(variant, 2);
        var (x, bias, residual) = (Normal(kernels, Rows, K), Normal(kernels, 1, N), Normal(kernels, Rows, N));
        var dropout = new Dropout(0.2f, new RandomKey(1, RandomPurpose.Dropout, 2, 3), 50);
        using var weight = kernels.Prepare(Normal(kernels, K, N), WeightLayout.InputByOutput, precision);
        AssertSameInAnyBatch(kernels, N, (first, count, y) => kernels.Linear(new LinearArguments
        {
            X = x.SliceRows(first, count),
            Weight = weight,
            Bias = bias,
            Activation = Activation.Gelu,
            Dropout = dropout with { FirstRow = dropout.FirstRow + (uint)first },
            Residual = residual.SliceRows(first, count),
            Y = y,
        }));
        AssertSameInAnyBatch(
            kernels, K, (first, count, dx) => kernels.LinearBackwardInput(residual.SliceRows(first, count), weight, dx, accumulate: false));
    }

    /// <summary>Micro-batches: in bfloat16 those of even length, between which no pair of terms is cut.</summary>
    [Theory]
    [MemberData(nameof(Products))]
    public void A_weight_gradient_that_goes_on_has_the_bits_of_one_at_once(string variant, Precision precision, int K, int N)
    {
        var kernels = cpu.Get(variant, 2);
        var (x, dy) = (Normal(kernels, Rows, K), Normal(kernels, Rows, N, 1));
        foreach (var layout in Enum.GetValues<WeightLayout>())
        {
            var (rows, columns) = layout == WeightLayout.InputByOutput ? (K, N) : (N, K);
            var (atOnce, inParts) = (kernels.Matrix(rows, columns), kernels.Matrix(rows, columns));
            kernels.LinearBackwardWeight(x, dy, atOnce, layout, precision, accumulate: false);
            for (int first = 0, count = 2; first < Rows; first += count, count = Math.Min(count + 4, Rows - first))
                kernels.LinearBackwardWeight(x.SliceRows(first, count), dy.SliceRows(first, count), inParts, layout, precision, accumulate: first > 0);

            Assert.Equal(kernels.ReadNumbers(atOnce), kernels.ReadNumbers(inParts), BitComparer.Instance);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void LayerNorm_row_has_the_same_bits_in_any_batch(InstructionSet set, int C, int seed)
    {
        var kernels = cpu.Get(set, 2);
        var (x, gain, bias) = (Normal(kernels, Rows, C, (uint)seed), Normal(kernels, 1, C), Normal(kernels, 1, C));
        AssertSameInAnyBatch(
            kernels, C, (first, count, y) => kernels.LayerNorm(x.SliceRows(first, count), gain, bias, 1e-5, y, kernels.Matrix(count, 2)));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void RmsNorm_row_has_the_same_bits_in_any_batch(InstructionSet set, int C, int seed)
    {
        const int G = 3;
        var kernels = cpu.Get(set, 2);
        var (x, gain) = (Normal(kernels, Rows, G * C, (uint)seed), Normal(kernels, 1, C));
        AssertSameInAnyBatch(
            kernels, G * C, (first, count, y) => kernels.RmsNorm(x.SliceRows(first, count), gain, 1e-5, y, kernels.Matrix(count, G)));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void RmsNorm_group_has_the_bits_of_a_row_of_its_own(InstructionSet set, int C, int seed)
    {
        const int G = 3;
        var kernels = cpu.Get(set, 2);
        var (x, gain, together, apart) = (Normal(kernels, Rows, G * C, (uint)seed), Normal(kernels, 1, C), kernels.Matrix(Rows, G * C), kernels.Matrix(Rows, G * C));
        kernels.RmsNorm(x, gain, 1e-5, together, kernels.Matrix(Rows, G));
        for (var group = 0; group < G; group++)
            kernels.RmsNorm(x.SliceColumns(group * C, C), gain, 1e-5, apart.SliceColumns(group * C, C), kernels.Matrix(Rows, 1));

        Assert.Equal(kernels.ReadNumbers(together), kernels.ReadNumbers(apart), BitComparer.Instance);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Rotated_and_gated_rows_have_the_same_bits_in_any_batch(InstructionSet set, int C, int seed)
    {
        var kernels = cpu.Get(set, 2);
        var (x, gate, table) = (Normal(kernels, Rows, 6 * C, (uint)seed), Normal(kernels, Rows, 6 * C, 1), Normal(kernels, Rows, 2 * C, 2));
        var positions = kernels.Allocate(DType.Int32, Rows).View(Rows, 1);
        kernels.Write<int>(positions, [.. Enumerable.Range(0, Rows)]);
        AssertSameInAnyBatch(kernels, 6 * C, (first, count, y) =>
            kernels.Rotate(x.SliceRows(first, count), positions.SliceRows(first, count), table, 2 * C, Rotation.Forward, y));
        AssertSameInAnyBatch(kernels, 6 * C, (first, count, y) =>
            kernels.Gate(Activation.Silu, gate.SliceRows(first, count), x.SliceRows(first, count), y));
    }

    /// <summary>A cache that fills up, by single tokens or by chunks, against the whole sequence at once.</summary>
    [Theory]
    [MemberData(nameof(Windows))]
    public void Cached_attention_has_the_bits_of_the_full_one(string variant, Precision precision, int window)
    {
        const int Capacity = 50, D = 19, H = 4, Hk = 2;
        var kernels = cpu.Get(variant, 2);
        var (q, k, v) = (Normal(kernels, Rows, H * D), kernels.Matrix(Capacity, Hk * D), kernels.Matrix(Capacity, Hk * D));
        kernels.Fill(k, double.NaN); // what lies past the keys must not matter
        kernels.Fill(v, double.NaN);
        kernels.FillNormal(k.SliceRows(0, Rows), 1, Key);
        kernels.FillNormal(v.SliceRows(0, Rows), 1, Key with { Site = 1 });
        AssertSameInAnyBatch(kernels, H * D, (first, count, y) =>
        {
            var shape = new AttentionShape
            {
                BatchSize = 1,
                QueryCount = count,
                KeyCount = first + count,
                KeyCapacity = Capacity,
                HeadCount = H,
                KeyHeadCount = Hk,
                HeadSize = D,
                QueryOffset = first,
                Causal = true,
                Window = window,
                Precision = precision,
            };
            kernels.Attention(shape, q.SliceRows(first, count), k, v, Dropout.None, y, default);
        });
    }

    /// <summary>Whatever its key and value: neither the queries before it see a token, nor those that it lies too far behind.</summary>
    [Theory]
    [MemberData(nameof(Windows))]
    public void Attention_token_changes_only_the_queries_that_see_it(string variant, Precision precision, int window)
    {
        const int T = 130, D = 24, H = 2;
        var kernels = cpu.Get(variant, 2);
        var q = Normal(kernels, T, H * D);
        foreach (var position in new[] { 129, 128, 65, 64, 63, 17, 1 })
        {
            var (k, v) = (Normal(kernels, T, H * D, 1), Normal(kernels, T, H * D, 2));
            var before = Attend(k, v);
            kernels.Fill(k.SliceRows(position, 1), 1e6);
            kernels.Fill(v.SliceRows(position, 1), -1e6);
            var after = Attend(k, v);
            var end = window > 0 ? Math.Min(T, position + window) : T;
            Assert.Equal(before[..(position * H * D)], after[..(position * H * D)], BitComparer.Instance);
            Assert.Equal(before[(end * H * D)..], after[(end * H * D)..], BitComparer.Instance);
            Assert.NotEqual(before[position * H * D], after[position * H * D]);
        }

        double[] Attend(MatrixView k, MatrixView v)
        {
            var y = kernels.Matrix(T, H * D);
            var shape = new AttentionShape
            {
                BatchSize = 1,
                QueryCount = T,
                KeyCount = T,
                KeyCapacity = T,
                HeadCount = H,
                KeyHeadCount = H,
                HeadSize = D,
                Causal = true,
                Window = window,
                Precision = precision,
            };
            kernels.Attention(shape, q, k, v, Dropout.None, y, default);
            return kernels.ReadNumbers(y);
        }
    }

    /// <summary>
    /// Keys and values that have left the window of every query are none: as if a ring had dropped them. Nor is scratch spent on them, though there
    /// are many.
    /// </summary>
    [Theory]
    [MemberData(nameof(CpuKernelsFixture.VariantsOfPrecisions), MemberType = typeof(CpuKernelsFixture))]
    public void Attention_reads_nothing_before_the_window(string variant, Precision precision)
    {
        const int S = 20_000, T = 5, D = 6, Window = 10;
        using var kernels = CpuKernels.Create(CpuKernelsFixture.Options(variant, 2));
        var (q, k, v, y) = (Normal(kernels, T, D), Normal(kernels, S, D, 1), Normal(kernels, S, D, 2), kernels.Matrix(T, D));
        var before = kernels.AllocatedBytes;
        var expected = Attend();
        Assert.InRange(kernels.AllocatedBytes - before, 0, 50_000); // 2 threads × 32 queries × some tens of keys
        kernels.Fill(k.SliceRows(0, S - T - Window + 1), double.NaN);
        kernels.Fill(v.SliceRows(0, S - T - Window + 1), double.NaN);
        Assert.Equal(expected, Attend(), BitComparer.Instance);
        Assert.All(expected, number => Assert.True(double.IsFinite(number)));

        double[] Attend()
        {
            var shape = new AttentionShape
            {
                BatchSize = 1,
                QueryCount = T,
                KeyCount = S,
                KeyCapacity = S,
                HeadCount = 1,
                KeyHeadCount = 1,
                HeadSize = D,
                QueryOffset = S - T,
                Causal = true,
                Window = Window,
                Precision = precision,
            };
            kernels.Attention(shape, q, k, v, Dropout.None, y, default);
            return kernels.ReadNumbers(y);
        }
    }

    // Computes all rows at once, then in batches of 1, 7 and 13, each (first, count, result) by itself.
    private static void AssertSameInAnyBatch(IKernels kernels, int columns, Action<int, int, MatrixView> compute)
    {
        var expected = Batches(Rows);
        foreach (var size in new[] { 1, 7, 13 })
            Assert.Equal(expected, Batches(size), BitComparer.Instance);

        double[] Batches(int size)
        {
            var y = kernels.Matrix(Rows, columns);
            for (var first = 0; first < Rows; first += size)
            {
                var count = Math.Min(size, Rows - first);
                compute(first, count, y.SliceRows(first, count));
            }

            return kernels.ReadNumbers(y);
        }
    }

    private static MatrixView Normal(IKernels kernels, int rows, int columns, uint site = 0)
    {
        var matrix = kernels.Matrix(rows, columns);
        kernels.FillNormal(matrix, 1, Key with { Site = site });
        return matrix;
    }
}
