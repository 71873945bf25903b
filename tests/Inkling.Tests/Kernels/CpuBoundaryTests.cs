using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>The CPU kernels use plain pointers: memory that is gone, rows that are none and indices past a table must not reach anything.</summary>
public class CpuBoundaryTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int M = 3, K = 4, N = 5;

    private static readonly AttentionShape Shape = new()
    {
        BatchSize = 1,
        QueryCount = M,
        KeyCount = M,
        KeyCapacity = M,
        HeadCount = 1,
        KeyHeadCount = 1,
        HeadSize = K,
        Causal = true,
    };

    private static readonly AdamSettings Adam = new() { LearningRate = 0.1, Beta1 = 0.9, Beta2 = 0.99, Epsilon = 1e-8, WeightDecay = 0, Update = 1 };

    private delegate void Call(IKernels kernels, MatrixView[] operands);

    public static TheoryData<InstructionSet> Sets => CpuKernelsFixture.Sets;

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Every operation, and the sizes of its operands, those of integers negative.</summary>
    private static Dictionary<string, ((int Rows, int Columns)[] Sizes, Call Call)> All { get; } = new()
    {
        ["Write"] = ([(M, K)], (k, o) => k.Write<float>(o[0], new float[M * K])),
        ["Read"] = ([(M, K)], (k, o) => k.Read<float>(o[0], new float[M * K])),
        ["Fill"] = ([(M, K)], (k, o) => k.Fill(o[0], 1)),
        ["Fill integers"] = ([(-M, 1)], (k, o) => k.Fill(o[0], 1)),
        ["FillNormal"] = ([(M, K)], (k, o) => k.FillNormal(o[0], 1, default)),
        ["Copy"] = ([(M, K), (M, K)], (k, o) => k.Copy(o[0], o[1])),
        ["Embed"] = ([(-M, 1), (N, K), (M, K)], (k, o) => k.Embed(o[0], o[1], o[2], false)),
        ["EmbedBackward"] = ([(-M, 1), (M, K), (N, K)], (k, o) => k.EmbedBackward(o[0], o[1], o[2], false)),
        ["Linear"] = ([(M, K), (K, N), (1, N), (M, N), (M, N), (M, N)], (k, o) => k.Linear(new LinearArguments
        {
            X = o[0],
            Weight = Prepare(k, o[1]),
            Bias = o[2],
            Activation = Activation.Gelu,
            Preactivation = o[3],
            Residual = o[4],
            Y = o[5],
        })),
        ["LinearBackwardInput"] = ([(M, N), (K, N), (M, K)], (k, o) => k.LinearBackwardInput(o[0], Prepare(k, o[1]), o[2], false)),
        ["LinearBackwardWeight"] = ([(M, K), (M, N), (K, N)], (k, o) => k.LinearBackwardWeight(o[0], o[1], o[2], WeightLayout.InputByOutput, Precision.Float32, false)),
        ["LinearBackwardBias"] = ([(M, N), (1, N)], (k, o) => k.LinearBackwardBias(o[0], o[1], false)),
        ["Activate"] = ([(M, K), (M, K)], (k, o) => k.Activate(Activation.Relu, o[0], o[1])),
        ["Activate none"] = ([(M, K), (M, K)], (k, o) => k.Activate(Activation.None, o[0], o[1])),
        ["ActivateBackward"] = ([(M, K), (M, K), (M, K)], (k, o) => k.ActivateBackward(Activation.Relu, o[0], o[1], o[2])),
        ["Gate"] = ([(M, K), (M, K), (M, K)], (k, o) => k.Gate(Activation.Silu, o[0], o[1], o[2])),
        ["GateBackward"] = (
            [(M, K), (M, K), (M, K), (M, K), (M, K)], (k, o) => k.GateBackward(Activation.Silu, o[0], o[1], o[2], o[3], o[4])),
        ["Add"] = ([(M, K), (M, K), (M, K)], (k, o) => k.Add(o[0], o[1], o[2])),
        ["ApplyDropout"] = ([(M, K), (M, K)], (k, o) => k.ApplyDropout(o[0], new Dropout(0.5f, default, 0), o[1])),
        ["ApplyDropout of nothing"] = ([(M, K), (M, K)], (k, o) => k.ApplyDropout(o[0], Dropout.None, o[1])),
        ["LayerNorm"] = ([(M, K), (1, K), (1, K), (M, K), (M, 2)], (k, o) => k.LayerNorm(o[0], o[1], o[2], 1e-5, o[3], o[4])),
        ["LayerNormBackward"] = (
            [(M, K), (1, K), (M, 2), (M, K), (M, K), (1, K), (1, K)],
            (k, o) => k.LayerNormBackward(o[0], o[1], o[2], o[3], o[4], false, o[5], o[6], false)),
        ["RmsNorm"] = ([(M, K), (1, K), (M, K), (M, 1)], (k, o) => k.RmsNorm(o[0], o[1], 1e-5, o[2], o[3])),
        ["RmsNormBackward"] = (
            [(M, K), (1, K), (M, 1), (M, K), (M, K), (1, K)], (k, o) => k.RmsNormBackward(o[0], o[1], o[2], o[3], o[4], false, o[5], false)),
        ["Rotate"] = ([(M, K), (-M, 1), (N, K), (M, K)], (k, o) => k.Rotate(o[0], o[1], o[2], K, Rotation.Forward, o[3])),
        ["Attention"] = ([(M, K), (M, K), (M, K), (M, K), (1, M)], (k, o) => k.Attention(Shape, o[0], o[1], o[2], Dropout.None, o[3], o[4])),
        ["AttentionBackward"] = (
            [(M, K), (M, K), (M, K), (M, K), (1, M), (M, K), (M, K), (M, K), (M, K)],
            (k, o) => k.AttentionBackward(Shape, o[0], o[1], o[2], Dropout.None, o[3], o[4], o[5], o[6], o[7], o[8])),
        ["CrossEntropy"] = ([(M, N), (-M, 1), (M, 1), (M, 1), (M, N)], (k, o) => k.CrossEntropy(o[0], o[1], o[2], o[3], o[4])),
        ["Sum"] = ([(M, K), (1, 1)], (k, o) => k.Sum(o[0], o[1], false)),
        ["SumSquares"] = ([(M, K), (1, 1)], (k, o) => k.SumSquares(o[0], o[1], false)),
        ["Guard"] = ([(1, 4)], (k, o) => k.Guard(o[0], 1, 9)),
        ["Adam"] = ([(1, K), (1, K), (1, K), (1, K), (1, 4)], (k, o) => k.Adam(Adam, o[0], o[1], o[2], o[3], o[4])),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_disposed_buffer_is_refused_whichever_operand_it_is(string name)
    {
        var (sizes, call) = All[name];
        foreach (var set in CpuKernels.Supported)
        {
            var kernels = cpu.Get(set, 2);
            call(kernels, Allocate());
            for (var i = 0; i < sizes.Length; i++)
            {
                var operands = Allocate();
                operands[i].Buffer.Dispose();
                var error = Record.Exception(() => call(kernels, operands));
                Assert.True(error is ObjectDisposedException, $"{name}: with operand {i} disposed there was {error?.GetType().Name ?? "no error"}.");
            }

            // Ones, because an update that the control leaves out touches nothing.
            MatrixView[] Allocate()
            {
                MatrixView[] operands = [.. sizes.Select(size => size.Rows < 0 ? Integers(kernels, -size.Rows) : kernels.Matrix(size.Rows, size.Columns))];
                foreach (var operand in operands)
                    kernels.Fill(operand, 1);

                return operands;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_disposed_prepared_weight_is_refused(InstructionSet set)
    {
        var kernels = cpu.Get(set, 1);
        var (x, y) = (kernels.Matrix(M, K), kernels.Matrix(M, N));
        var weight = Prepare(kernels, kernels.Matrix(K, N));
        kernels.Linear(new LinearArguments { X = x, Weight = weight, Y = y });
        weight.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kernels.Linear(new LinearArguments { X = x, Weight = weight, Y = y }));
    }

    /// <summary>No rows, in the middle of their buffers and at the very end: rows of a result stay as they are, sums over no rows are zero.</summary>
    [Theory]
    [MemberData(nameof(CpuKernelsFixture.VariantsOfPrecisions), MemberType = typeof(CpuKernelsFixture))]
    public void Operands_without_rows_change_no_rows_and_give_sums_of_zero(string variant, Precision precision)
    {
        foreach (var threadCount in new[] { 1, 3 })
        {
            foreach (var atEnd in new[] { false, true })
                AssertNoRows(new NoRows(cpu.Get(variant, threadCount), atEnd), precision);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void An_index_outside_its_table_is_named_and_nothing_is_written(InstructionSet set)
    {
        var kernels = cpu.Get(set, 2);
        foreach (var (index, isTarget) in new[] { (N, true), (int.MaxValue, true), (-2, true), (int.MinValue, true), (-1, false) })
        {
            var indices = Integers(kernels, M);
            kernels.Fill(indices.SliceRows(M - 1, 1), index);
            AssertRefused("Embed", index, kernels.Matrix(M, K), y => kernels.Embed(indices, kernels.Matrix(N, K), y, false));
            AssertRefused("EmbedBackward", index, kernels.Matrix(N, K), y => kernels.EmbedBackward(indices, kernels.Matrix(M, K), y, false));
            AssertRefused("Rotate", index, kernels.Matrix(M, K), y => kernels.Rotate(kernels.Matrix(M, K), indices, kernels.Matrix(N, K), K, Rotation.Forward, y));
            if (isTarget)
            {
                AssertRefused(
                    "CrossEntropy", index, kernels.Matrix(M, 1), y => kernels.CrossEntropy(kernels.Matrix(M, N), indices, kernels.Matrix(M, 1), y, default));
                AssertRefused(
                    "CrossEntropy", index, kernels.Matrix(M, N), y => kernels.CrossEntropy(y, indices, kernels.Matrix(M, 1), kernels.Matrix(M, 1), y));
            }
        }

        void AssertRefused(string operation, int index, MatrixView y, Action<MatrixView> call)
        {
            kernels.Fill(y, 7);
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => call(y));
            Assert.StartsWith($"{operation}: index {index} is not in [0, {N}).", error.Message, StringComparison.Ordinal);
            Assert.All(kernels.ReadNumbers(y), number => Assert.Equal(7, number));
        }
    }

    private static void AssertNoRows(NoRows none, Precision precision)
    {
        var kernels = none.Kernels;
        using var weight = kernels.Prepare(kernels.Matrix(K, N, [.. Enumerable.Range(1, K * N)]), WeightLayout.InputByOutput, precision);
        none.AssertUntouched(() => kernels.Linear(new LinearArguments { X = none.Of(K), Weight = weight, Bias = Full(1, N), Y = none.Of(N) }));
        none.AssertUntouched(() => kernels.Linear(new LinearArguments
        {
            X = none.Of(K),
            Weight = weight,
            Activation = Activation.Gelu,
            Preactivation = none.Of(N),
            Dropout = new Dropout(0.5f, default, 0),
            Residual = none.Of(N),
            Y = none.Of(N),
        }));
        none.AssertUntouched(() => kernels.LinearBackwardInput(none.Of(N), weight, none.Of(K), accumulate: false));
        none.AssertUntouched(() => kernels.LinearBackwardInput(none.Of(N), weight, none.Of(K), accumulate: true));
        none.AssertUntouched(() => kernels.LayerNorm(none.Of(K), Full(1, K), Full(1, K), 1e-5, none.Of(K), none.Of(2)));
        none.AssertUntouched(() => kernels.RmsNorm(none.Of(K), Full(1, 2), 1e-5, none.Of(K), none.Of(K / 2)));
        none.AssertUntouched(() => kernels.Rotate(none.Of(K), none.OfIntegers(), Full(N, 2), 2, Rotation.Forward, none.Of(K)));
        none.AssertUntouched(() => kernels.Gate(Activation.Silu, none.Of(K), none.Of(K), none.Of(K)));
        none.AssertUntouched(() => kernels.GateBackward(Activation.Silu, none.Of(K), none.Of(K), none.Of(K), none.Of(K), none.Of(K)));
        none.AssertUntouched(() => kernels.Embed(none.OfIntegers(), Full(N, K), none.Of(K), accumulate: false));
        none.AssertUntouched(() => kernels.CrossEntropy(none.Of(N), none.OfIntegers(), none.Of(1), none.Of(1), none.Of(N)));
        none.AssertUntouched(() => kernels.Copy(none.Of(N), none.Of(N)));
        none.AssertUntouched(() => kernels.Add(none.Of(N), none.Of(N), none.Of(N)));
        var noQueries = new AttentionShape { BatchSize = 1, QueryCount = 0, KeyCount = 1, KeyCapacity = 1, HeadCount = 1, KeyHeadCount = 1, HeadSize = 2, Precision = precision };
        none.AssertUntouched(() => kernels.Attention(noQueries, none.Of(2), Full(1, 2), Full(1, 2), default, none.Of(2), default));
        foreach (var accumulate in new[] { false, true })
        {
            foreach (var layout in Enum.GetValues<WeightLayout>())
            {
                AssertSum(
                    layout == WeightLayout.InputByOutput ? Full(K, N) : Full(N, K),
                    dw => kernels.LinearBackwardWeight(none.Of(K), none.Of(N), dw, layout, precision, accumulate));
            }

            AssertSum(Full(1, N), db => kernels.LinearBackwardBias(none.Of(N), db, accumulate));
            AssertSum(Full(N, K), dTable => kernels.EmbedBackward(none.OfIntegers(), none.Of(K), dTable, accumulate));
            AssertSum(Full(1, 1), sum => kernels.Sum(none.Of(N), sum, accumulate));
            AssertSum(Full(1, 1), sum => kernels.SumSquares(none.Of(N), sum, accumulate));
            AssertSum(Full(1, 2), sum => kernels.RmsNormBackward(
                none.Of(K), Full(1, 2), none.Of(K / 2), none.Of(K), none.Of(K), false, sum, accumulate));
            foreach (var isGain in new[] { false, true })
            {
                AssertSum(Full(1, K), sum => kernels.LayerNormBackward(
                    none.Of(K), Full(1, K), none.Of(2), none.Of(K), none.Of(K), false, isGain ? sum : Full(1, K), isGain ? Full(1, K) : sum, accumulate));
            }

            void AssertSum(MatrixView result, Action<MatrixView> call)
            {
                // Something must lie where partial sums are kept, so that whoever adds it is seen.
                kernels.LinearBackwardBias(Full(200, 40), Full(1, 40), accumulate: false);
                none.AssertUntouched(() => call(result));
                Assert.All(kernels.ReadNumbers(result), number => Assert.Equal(accumulate ? 7 : 0, number));
            }
        }

        MatrixView Full(int rows, int columns)
        {
            var matrix = kernels.Matrix(rows, columns);
            kernels.Fill(matrix, 7);
            return matrix;
        }
    }

    private static PreparedWeight Prepare(IKernels kernels, MatrixView weight) => kernels.Prepare(weight, WeightLayout.InputByOutput, Precision.Float32);

    private static MatrixView Integers(IKernels kernels, int rows) => kernels.Allocate(DType.Int32, rows).View(rows, 1);

    /// <summary>Views of no rows in buffers full of one number.</summary>
    private sealed class NoRows(IKernels kernels, bool atEnd)
    {
        private const int Count = 60;

        private readonly List<DeviceBuffer> _buffers = [];

        public IKernels Kernels { get; } = kernels;

        public MatrixView Of(int columns) => View(Kernels.Real, columns);

        public MatrixView OfIntegers() => View(DType.Int32, 1);

        public void AssertUntouched(Action call)
        {
            call();
            foreach (var buffer in _buffers)
            {
                Assert.All(Kernels.ReadNumbers(buffer.View(1, Count)), number => Assert.Equal(9, number));
                buffer.Dispose();
            }

            _buffers.Clear();
        }

        private MatrixView View(DType type, int columns)
        {
            var buffer = Kernels.Allocate(type, Count);
            Kernels.Fill(buffer.View(1, Count), 9);
            _buffers.Add(buffer);
            return new MatrixView(buffer, atEnd ? Count : 20, 0, columns, columns);
        }
    }
}
