using Inkling.Kernels;
using Inkling.Kernels.Reference;
using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

/// <summary>
/// Products past the sizes at which the CPU kernels change their ways: weights of 2^20 floats and more, whose first use after a change packs
/// piece by piece, and weight gradients of more rows than one pass takes. Each sum stays one chain of fused multiply-adds, so that all
/// bits are those of the reference.
/// </summary>
public class LargeProductTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private static readonly Precision[] Precisions = [Precision.Float32, Precision.Bfloat16];

    private static readonly Dictionary<string, (KernelCase Case, Lazy<Dictionary<string, double[]>> Expected)> All = LargeWeights()
        .Concat(DeepGradients())
        .Concat(TallProducts())
        .ToDictionary(kernelCase => kernelCase.Name, kernelCase => (kernelCase, new Lazy<Dictionary<string, double[]>>(() => Reference(kernelCase))));

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (name, (kernelCase, _)) in All)
            {
                foreach (var variant in CpuKernelsFixture.Variants(kernelCase.Precision))
                    data.Add(variant, name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Large_products_have_the_bits_of_the_reference(string variant, string name)
    {
        var (kernelCase, expected) = All[name];
        foreach (var (threadCount, layout) in new[] { (1, OperandLayout.Tight), (3, OperandLayout.Loose) })
        {
            var actual = kernelCase.Run(cpu.Get(variant, threadCount), layout);
            foreach (var (output, numbers) in expected.Value)
                Assert.True(numbers.SequenceEqual(actual[output], BitComparer.Instance), $"{output} has other bits with {threadCount} threads, {layout}.");
        }
    }

    /// <summary>The most rows that are streamed, against small batches, which never are.</summary>
    [Theory]
    [MemberData(nameof(CpuKernelsFixture.VariantsOfPrecisions), MemberType = typeof(CpuKernelsFixture))]
    public void Rows_of_a_long_batch_have_the_bits_of_short_ones(string variant, Precision precision)
    {
        const int M = 2_048, K = 129, N = 8_200;
        var kernels = cpu.Get(variant, 3);
        using var memory = new Memory(kernels);
        var (x, w, y, row) = (memory.Normal(M, K), memory.Normal(N, K), memory.Normal(M, N), memory.Normal(1, N));
        using var weight = kernels.Prepare(w, WeightLayout.OutputByInput, precision);
        using var packed = kernels.Prepare(w, WeightLayout.OutputByInput, precision);
        kernels.Linear(new LinearArguments { X = x, Weight = weight, Y = y });
        foreach (var i in new[] { 0, 11, 95, 96, 1_000, 2_047 })
        {
            kernels.Linear(new LinearArguments { X = x.SliceRows(i, 1), Weight = packed, Y = row });
            Assert.Equal(kernels.ReadNumbers(row), kernels.ReadNumbers(y.SliceRows(i, 1)), BitComparer.Instance);
        }
    }

    private static Dictionary<string, double[]> Reference(KernelCase kernelCase)
    {
        using var kernels = new ReferenceKernels<float>();
        return kernelCase.Run(kernels, OperandLayout.Tight);
    }

    private static IEnumerable<KernelCase> LargeWeights()
        => from size in new[] { (M: 32, K: 1_024, N: 1_024), (M: 45, K: 700, N: 1_531) }
           from layout in Enum.GetValues<WeightLayout>()
           from precision in Precisions
           select LargeWeight(size.M, size.K, size.N, layout, precision);

    // With each weight twice: the first use after a change streams it, the second packs it.
    private static KernelCase LargeWeight(int M, int K, int N, WeightLayout layout, Precision precision)
    {
        var (rows, columns) = layout == WeightLayout.InputByOutput ? (K, N) : (N, K);
        return new KernelCase(
            $"Linear {M}×{K}→{N} {layout} {precision}",
            (kernels, operands) =>
            {
                var weight = operands.Prepare("w", layout, precision);
                Use("first");
                Use("second");
                kernels.Copy(operands["other w"], operands["w"]);
                kernels.Invalidate(weight);
                Use("third");
                Use("fourth");

                void Use(string turn)
                {
                    if (kernels is ReferenceKernels<float> && turn is "second" or "fourth")
                    {
                        // The reference packs nothing and would take its time to find the same.
                        var before = turn == "second" ? "first" : "third";
                        kernels.Copy(operands[$"{before} y"], operands[$"{turn} y"]);
                        kernels.Copy(operands[$"{before} dx"], operands[$"{turn} dx"]);
                        return;
                    }

                    kernels.Linear(new LinearArguments
                    {
                        X = operands["x"],
                        Weight = weight,
                        Bias = operands["b"],
                        Residual = operands["r"],
                        Y = operands[$"{turn} y"],
                    });
                    kernels.Copy(operands["previous dx"], operands[$"{turn} dx"]);
                    kernels.LinearBackwardInput(operands["dy"], weight, operands[$"{turn} dx"], accumulate: layout == WeightLayout.OutputByInput);
                }
            },
            [
                Input("x", M, K),
                Input("b", 1, N),
                Input("r", M, N),
                Input("dy", M, N),
                Input("other w", rows, columns),
                Input("previous dx", M, K),
                Output("w", rows, columns, accumulate: true),
                .. from turn in new[] { "first", "second", "third", "fourth" }
                   from output in new[] { Output($"{turn} y", M, N), Output($"{turn} dx", M, K) }
                   select output,
            ])
        { Precision = precision };
    }

    // Narrow ones that are read where they lie, narrow ones with a ragged edge, and wide ones.
    private static IEnumerable<KernelCase> DeepGradients()
        => from size in new[] { (M: 901, K: 37, N: 64), (M: 1_153, K: 64, N: 45), (M: 901, K: 530, N: 17), (M: 1_700, K: 15, N: 514) }
           from layout in Enum.GetValues<WeightLayout>()
           from accumulate in new[] { false, true }
           from precision in Precisions
           let shape = layout == WeightLayout.InputByOutput ? (Rows: size.K, Columns: size.N) : (Rows: size.N, Columns: size.K)
           select new KernelCase(
               $"LinearBackwardWeight {size.M}×{size.K}→{size.N} {layout}{(accumulate ? " accumulate" : "")} {precision}",
               (kernels, operands) => kernels.LinearBackwardWeight(operands["x"], operands["dy"], operands["dw"], layout, precision, accumulate),
               Input("x", size.M, size.K),
               Input("dy", size.M, size.N),
               Output("dw", shape.Rows, shape.Columns, size.M, accumulate))
           { Precision = precision };

    // So many rows that each thread packs its own; in float32 those whose pitch, 1,024 floats, would put them into one set of the cache.
    private static IEnumerable<KernelCase> TallProducts()
        => from size in new[] { (M: 901, K: 40, N: 70), (M: 850, K: 1_024, N: 35) }
           from precision in Precisions
           select new KernelCase(
               $"Linear {size.M}×{size.K}→{size.N} {precision}",
               (kernels, operands) => kernels.Linear(new LinearArguments
               {
                   X = operands["x"],
                   Weight = operands.Prepare("w", WeightLayout.InputByOutput, precision),
                   Y = operands["y"],
               }),
               Input("x", size.M, size.K),
               Input("w", size.K, size.N),
               Output("y", size.M, size.N))
           { Precision = precision };

    private sealed class Memory(IKernels kernels) : IDisposable
    {
        private readonly List<DeviceBuffer> _buffers = [];

        public MatrixView Normal(int rows, int columns)
        {
            var buffer = kernels.Allocate(kernels.Real, (long)rows * columns);
            kernels.FillNormal(buffer.View(rows, columns), 1, new RandomKey(3, RandomPurpose.Initialization, 0, (uint)_buffers.Count));
            _buffers.Add(buffer);
            return buffer.View(rows, columns);
        }

        public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());
    }
}
