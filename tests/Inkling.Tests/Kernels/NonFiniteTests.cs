using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

/// <summary>A number that is none must not get lost on its way to <see cref="IKernels.Guard"/>, or a model would train on.</summary>
public class NonFiniteTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int M = 5, K = 19, N = 37;

    public static TheoryData<InstructionSet> Sets => CpuKernelsFixture.Sets;

    public static TheoryData<InstructionSet, Activation> Activations
    {
        get
        {
            var data = new TheoryData<InstructionSet, Activation>();
            foreach (var set in CpuKernels.Supported)
            {
                foreach (var activation in Enum.GetValues<Activation>())
                    data.Add(set, activation);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void Linear_passes_it_on(InstructionSet set, Activation activation)
    {
        var kernels = cpu.Get(set, 1);
        foreach (var (row, column) in new[] { (0, 0), (2, 16), (4, 18) })
            AssertNaN(Run(x: (row, column)), (i, _) => i == row);

        foreach (var (row, column) in new[] { (0, 0), (7, 16), (18, 36) })
            AssertNaN(Run(w: (row, column)), (_, n) => n == column);

        foreach (var column in new[] { 0, 31, 36 })
        {
            AssertNaN(Run(b: (0, column)), (_, n) => n == column);
            AssertNaN(Run(r: (3, column)), (i, n) => i == 3 && n == column);
        }

        double[] Run((int, int)? x = null, (int, int)? w = null, (int, int)? b = null, (int, int)? r = null)
        {
            var y = kernels.Matrix(M, N);
            using var weight = kernels.Prepare(Spoiled(kernels, K, N, w), WeightLayout.InputByOutput, Precision.Float32);
            kernels.Linear(new LinearArguments
            {
                X = Spoiled(kernels, M, K, x),
                Weight = weight,
                Bias = Spoiled(kernels, 1, N, b),
                Activation = activation,
                Residual = Spoiled(kernels, M, N, r),
                Y = y,
            });
            return kernels.ReadNumbers(y);
        }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void An_activation_and_its_gradient_pass_it_on(InstructionSet set, Activation activation)
    {
        var kernels = cpu.Get(set, 1);
        foreach (var column in new[] { 0, 20, 36 })
        {
            var (y, dx) = (kernels.Matrix(M, N), kernels.Matrix(M, N));
            var x = Spoiled(kernels, M, N, (2, column));
            kernels.Activate(activation, x, y);
            AssertNaN(kernels.ReadNumbers(y), (i, n) => i == 2 && n == column);
            kernels.Fill(x, 1);
            kernels.ActivateBackward(activation, x, Spoiled(kernels, M, N, (2, column)), dx);
            AssertNaN(kernels.ReadNumbers(dx), (i, n) => i == 2 && n == column);
        }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void A_gate_and_its_gradient_pass_it_on(InstructionSet set, Activation activation)
    {
        var kernels = cpu.Get(set, 1);
        foreach (var column in new[] { 0, 20, 36 })
        {
            var (sound, spoiled) = (kernels.Matrix(M, N), Spoiled(kernels, M, N, (2, column)));
            kernels.Fill(sound, 1);
            foreach (var (gate, up, dy) in new[] { (spoiled, sound, sound), (sound, spoiled, sound), (sound, sound, spoiled) })
            {
                var (y, dGate, dUp) = (kernels.Matrix(M, N), kernels.Matrix(M, N), kernels.Matrix(M, N));
                kernels.Gate(activation, gate, up, y);
                kernels.GateBackward(activation, gate, up, dy, dGate, dUp);
                AssertNaN(kernels.ReadNumbers(y), (i, n) => i == 2 && n == column && dy != spoiled);
                AssertNaN(kernels.ReadNumbers(dUp), (i, n) => i == 2 && n == column && up != spoiled);
                if (gate != spoiled)
                    AssertNaN(kernels.ReadNumbers(dGate), (i, n) => i == 2 && n == column);
            }
        }
    }

    /// <summary>A spoiled element spoils its group of columns, and no other.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void RmsNorm_passes_it_on(InstructionSet set)
    {
        const int G = 2, C = N;
        var kernels = cpu.Get(set, 1);
        foreach (var column in new[] { 0, 16, 36 })
        {
            foreach (var (i, number) in Run(x: (3, C + column)).Index())
                Assert.Equal(i / (G * C) == 3 && i / C % G == 1, double.IsNaN(number));

            AssertNaN(Run(gain: (0, column)), (_, n) => n == column);
        }

        // An infinite element has no root mean square: it becomes NaN itself.
        Assert.Contains(Run(x: (3, 4), double.PositiveInfinity), double.IsNaN);

        double[] Run((int, int)? x = null, double value = double.NaN, (int, int)? gain = null)
        {
            var y = kernels.Matrix(M, G * C);
            kernels.RmsNorm(Spoiled(kernels, M, G * C, x, value), Spoiled(kernels, 1, C, gain), 1e-5, y, kernels.Matrix(M, G));
            return kernels.ReadNumbers(y);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_rotation_passes_it_on_to_the_pair(InstructionSet set)
    {
        const int H = 2, D = 38;
        var kernels = cpu.Get(set, 1);
        var positions = kernels.Allocate(DType.Int32, M).View(M, 1);
        foreach (var value in new[] { double.NaN, double.PositiveInfinity })
        {
            foreach (var pair in new[] { 0, 15, 16, 18 })
            {
                var y = kernels.Matrix(M, H * D);
                kernels.Rotate(Spoiled(kernels, M, H * D, (2, D + pair), value), positions, Spoiled(kernels, M, D), D, Rotation.Forward, y);
                foreach (var (i, number) in kernels.ReadNumbers(y).Index())
                    Assert.Equal(i / (H * D) != 2 || i / D % H != 1 || i % (D / 2) != (D + pair) % (D / 2), double.IsFinite(number));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void LayerNorm_passes_it_on(InstructionSet set)
    {
        var kernels = cpu.Get(set, 1);
        foreach (var column in new[] { 0, 16, 36 })
        {
            AssertNaN(Run(x: (3, column)), (i, _) => i == 3);
            AssertNaN(Run(gain: (0, column)), (_, n) => n == column);
            AssertNaN(Run(bias: (0, column)), (_, n) => n == column);
        }

        double[] Run((int, int)? x = null, (int, int)? gain = null, (int, int)? bias = null)
        {
            var y = kernels.Matrix(M, N);
            kernels.LayerNorm(Spoiled(kernels, M, N, x), Spoiled(kernels, 1, N, gain), Spoiled(kernels, 1, N, bias), 1e-5, y, kernels.Matrix(M, 2));
            return kernels.ReadNumbers(y);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void CrossEntropy_passes_it_on_from_any_column(InstructionSet set)
    {
        var kernels = cpu.Get(set, 1);
        foreach (var value in new[] { double.NaN, double.PositiveInfinity })
        {
            for (var column = 0; column < N; column++)
            {
                var (losses, gradient) = Run(Spoiled(kernels, M, N, (3, column), value), Spoiled(kernels, M, 1));
                Assert.All(losses.Index(), loss => Assert.Equal(loss.Index != 3, double.IsFinite(loss.Item)));
                Assert.Contains(gradient.Skip(3 * N).Take(N), number => !double.IsFinite(number));
                Assert.All(gradient.Index(), number => Assert.True(number.Index / N == 3 || double.IsFinite(number.Item)));
            }
        }

        var (weighted, _) = Run(Spoiled(kernels, M, N), Spoiled(kernels, M, 1, (3, 0)));
        Assert.All(weighted.Index(), loss => Assert.Equal(loss.Index == 3, double.IsNaN(loss.Item)));

        (double[] Losses, double[] Gradient) Run(MatrixView logits, MatrixView weights)
        {
            var (targets, losses, gradient) = (kernels.Allocate(DType.Int32, M).View(M, 1), kernels.Matrix(M, 1), kernels.Matrix(M, N));
            kernels.Fill(targets, 4);
            kernels.CrossEntropy(logits, targets, weights, losses, gradient);
            return (kernels.ReadNumbers(losses), kernels.ReadNumbers(gradient));
        }
    }

    /// <summary>Two heads; a query's own head is spoiled, and those of all queries that see a spoiled key or value.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void Attention_passes_it_on(InstructionSet set)
    {
        const int T = 70, D = 5, H = 2;
        var kernels = cpu.Get(set, 1);
        foreach (var position in new[] { 0, 15, 33, 69 })
        {
            var spoiled = (position, D + 2); // in the second head
            AssertHeads(Run(q: spoiled), (t, head) => t == position && head == 1);
            AssertHeads(Run(k: spoiled), (t, head) => t >= position && head == 1);

            // A value that a query does not see may enter with the weight 0, so nothing is said of earlier queries.
            var y = Run(v: spoiled);
            for (var t = position; t < T; t++)
                Assert.True(double.IsNaN(y[(t * H * D) + D + 2]), $"value {position}, query {t}");
        }

        double[] Run((int, int)? q = null, (int, int)? k = null, (int, int)? v = null)
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
            };
            kernels.Attention(
                shape, Spoiled(kernels, T, H * D, q), Spoiled(kernels, T, H * D, k), Spoiled(kernels, T, H * D, v), Dropout.None, y, kernels.Matrix(H, T));
            return kernels.ReadNumbers(y);
        }

        static void AssertHeads(double[] y, Func<int, int, bool> isSpoiled)
        {
            foreach (var (i, number) in y.Index())
            {
                var (t, head) = (i / (H * D), i / D % H);
                Assert.True(double.IsNaN(number) == isSpoiled(t, head), $"query {t}, head {head}: {number}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Norm_and_guard_notice_it_anywhere(InstructionSet set)
    {
        const int Count = 9_001;
        var kernels = cpu.Get(set, 2);
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            foreach (var column in new[] { 0, 1, 40, 4_095, 4_096, 8_999, 9_000 })
            {
                var control = kernels.Matrix(1, 4);
                kernels.SumSquares(Spoiled(kernels, 1, Count, (0, column), value), control.SliceColumns(1, 1), accumulate: false);
                kernels.Guard(control, 1, double.PositiveInfinity);
                var numbers = kernels.ReadNumbers(control);
                Assert.False(double.IsFinite(numbers[1]));
                Assert.Equal(0, numbers[2]);
            }

            var loss = kernels.Matrix(1, 4, value, 4, 0, 0);
            kernels.Guard(loss, 1, double.PositiveInfinity);
            Assert.Equal([value, 2, 0, 1], kernels.ReadNumbers(loss));
        }

        var sound = kernels.Matrix(1, 4);
        kernels.SumSquares(Spoiled(kernels, 1, Count), sound.SliceColumns(1, 1), accumulate: false);
        kernels.Guard(sound, 1, double.PositiveInfinity);
        Assert.Equal(1, kernels.ReadNumbers(sound)[2]);
    }

    private static void AssertNaN(double[] y, Func<int, int, bool> isSpoiled)
    {
        foreach (var (i, number) in y.Index())
            Assert.True(double.IsNaN(number) == isSpoiled(i / N, i % N), $"[{i / N}, {i % N}] is {number}");
    }

    private static MatrixView Spoiled(IKernels kernels, int rows, int columns, (int Row, int Column)? place = null, double value = double.NaN)
    {
        var matrix = kernels.Matrix(rows, columns);
        kernels.FillNormal(matrix, 1, new RandomKey(1, RandomPurpose.Initialization, 0, (uint)rows));
        if (place is { } at)
            kernels.Fill(matrix.SliceRows(at.Row, 1).SliceColumns(at.Column, 1), value);

        return matrix;
    }
}
