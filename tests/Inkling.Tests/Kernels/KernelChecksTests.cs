using Inkling.Kernels;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

/// <summary>What wrong operands are told; the checks are the same for all kernels.</summary>
public sealed class KernelChecksTests : IDisposable
{
    private readonly ReferenceKernels<float> _kernels = new();

    public void Dispose() => _kernels.Dispose();

    [Fact]
    public void Wrong_shape_names_operation_operand_and_both_shapes()
    {
        var weight = _kernels.Prepare(_kernels.Matrix(4, 5), WeightLayout.InputByOutput, Precision.Float32);
        AssertMessage(
            "Linear: y is 3×6 Float32, must be 3×5 Float32.",
            () => _kernels.Linear(new LinearArguments { X = _kernels.Matrix(3, 4), Weight = weight, Y = _kernels.Matrix(3, 6) }));
        AssertMessage("Add: b is 2×1 Float32, must be 1×2 Float32.", () => _kernels.Add(_kernels.Matrix(1, 2), _kernels.Matrix(2, 1), _kernels.Matrix(1, 2)));
        AssertMessage("SumSquares: result is 1×2 Float32, must be 1×1 Float32.", () => _kernels.SumSquares(_kernels.Matrix(3, 3), _kernels.Matrix(1, 2), false));
    }

    [Fact]
    public void Wrong_type_is_named()
    {
        var integers = _kernels.Allocate(DType.Int32, 6).View(2, 3);
        AssertMessage("Activate: x is 2×3 Int32, must hold real numbers.", () => _kernels.Activate(Activation.Relu, integers, integers));
        AssertMessage("Embed: indices is 2×1 Float32, must be 2×1 Int32.", () => _kernels.Embed(_kernels.Matrix(2, 1), _kernels.Matrix(9, 3), _kernels.Matrix(2, 3), false));
        AssertMessage("Read: view is 2×3 Int32, must be 2×3 Float32.", () => _kernels.Read(integers, new float[6].AsSpan()));
        AssertMessage("Read: 2×3 Int32 has 6 elements, the span 5.", () => _kernels.Read(integers, new int[5].AsSpan()));
        Assert.Equal(
            "Allocate: these kernels compute in Float32 and hold no Float64.",
            Assert.Throws<NotSupportedException>(() => _kernels.Allocate(DType.Float64, 1)).Message);
    }

    [Fact]
    public void Missing_operand_is_named()
        => AssertMessage("Activate: x is missing.", () => _kernels.Activate(Activation.Relu, default, default));

    [Fact]
    public void A_largest_loss_that_nothing_compares_with_is_refused()
        => AssertMessage(
            "Guard: the largest loss is NaN; it must be a number, infinity for any loss.", () => _kernels.Guard(_kernels.Matrix(1, 4), 1, double.NaN));

    [Fact]
    public void View_that_leaves_its_buffer_is_refused()
    {
        var buffer = _kernels.Allocate(DType.Float32, 10);
        AssertMessage(
            "Fill: destination is 2×3 Float32 at offset 5 with pitch 3, which does not fit a buffer of 10 elements.",
            () => _kernels.Fill(new MatrixView(buffer, 5, 2, 3, 3), 0));
        AssertMessage(
            "Fill: destination is 2×3 Float32 at offset 0 with pitch 2, which does not fit a buffer of 10 elements.",
            () => _kernels.Fill(new MatrixView(buffer, 0, 2, 3, 2), 0));
        _kernels.Fill(new MatrixView(buffer, 4, 2, 3, 3), 0);
    }

    [Fact]
    public void Attention_shape_that_makes_no_sense_is_shown()
    {
        var (matrix, shape) = (_kernels.Matrix(1, 6), new AttentionShape
        {
            BatchSize = 1,
            QueryCount = 1,
            KeyCount = 1,
            KeyCapacity = 1,
            HeadCount = 3,
            KeyHeadCount = 2,
            HeadSize = 2,
        });
        var error = Assert.Throws<ArgumentException>(() => _kernels.Attention(shape, matrix, matrix, matrix, Dropout.None, matrix, default));
        Assert.Matches("^Attention: AttentionShape .*HeadCount = 3, KeyHeadCount = 2.* makes no sense\\.$", error.Message);
    }

    [Fact]
    public void A_window_without_an_order_or_without_keys_is_shown()
    {
        var shape = new AttentionShape { BatchSize = 1, QueryCount = 1, KeyCount = 1, KeyCapacity = 1, HeadCount = 1, KeyHeadCount = 1, HeadSize = 1 };
        AssertAttention("^Attention: a window of -1 in AttentionShape .*; it must be 0 for none, or positive in causal attention\\.$", shape with { Window = -1, Causal = true });
        AssertAttention("^Attention: a window of 3 in AttentionShape .*; it must be 0 for none, or positive in causal attention\\.$", shape with { Window = 3 });
        AssertAttention(
            "^Attention: the last query sees none of the keys with a window of 2 in AttentionShape .*\\.$", shape with { QueryOffset = 2, Window = 2, Causal = true });
        _kernels.Attention(shape with { QueryOffset = 1, Window = 2, Causal = true }, One(), One(), One(), Dropout.None, One(), default);

        void AssertAttention(string pattern, AttentionShape wrong)
            => Assert.Matches(pattern, Assert.Throws<ArgumentException>(() => _kernels.Attention(wrong, One(), One(), One(), Dropout.None, One(), default)).Message);

        MatrixView One() => _kernels.Matrix(1, 1);
    }

    [Fact]
    public void Groups_and_heads_that_do_not_fill_the_columns_are_named()
    {
        var (x, gain) = (_kernels.Matrix(2, 10), _kernels.Matrix(1, 4));
        AssertMessage(
            "RmsNorm: x is 2×10 Float32, whose columns are no whole number of groups of 4.", () => _kernels.RmsNorm(x, gain, 1e-5, x, _kernels.Matrix(2, 3)));
        AssertMessage(
            "RmsNormBackward: x is 2×10 Float32, whose columns are no whole number of groups of 4.",
            () => _kernels.RmsNormBackward(x, gain, _kernels.Matrix(2, 3), x, x, false, gain, false));
        AssertMessage(
            "RmsNorm: statistics is 2×1 Float32, must be 2×2 Float32.", () => _kernels.RmsNorm(x, _kernels.Matrix(1, 5), 1e-5, x, _kernels.Matrix(2, 1)));
        AssertMessage("Rotate: x is 2×10 Float32, whose columns are no whole number of groups of 4.", () => Rotate(x, 4, _kernels.Matrix(3, 4)));
        AssertMessage("Rotate: x is 2×10 Float32, whose columns are no whole number of groups of 0.", () => Rotate(x, 0, _kernels.Matrix(3, 4)));
        AssertMessage("Rotate: heads of 5 have no two halves; the head size must be even.", () => Rotate(x, 5, _kernels.Matrix(3, 5)));
        AssertMessage("Rotate: table is 3×5 Float32, must be 3×10 Float32.", () => Rotate(x, 10, _kernels.Matrix(3, 5)));
        AssertMessage("Gate: up is 1×4 Float32, must be 2×10 Float32.", () => _kernels.Gate(Activation.Silu, x, gain, x));
        AssertMessage("GateBackward: dUp is 1×4 Float32, must be 2×10 Float32.", () => _kernels.GateBackward(Activation.Silu, x, x, x, x, gain));

        void Rotate(MatrixView heads, int headSize, MatrixView table)
            => _kernels.Rotate(heads, _kernels.Allocate(DType.Int32, 2).View(2, 1), table, headSize, Rotation.Forward, heads);
    }

    [Fact]
    public void Position_outside_the_table_is_named()
    {
        var (positions, x) = (_kernels.Allocate(DType.Int32, 1).View(1, 1), _kernels.Matrix(1, 2));
        _kernels.Fill(positions, 9);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _kernels.Rotate(x, positions, _kernels.Matrix(9, 2), 2, Rotation.Forward, x));
        Assert.StartsWith("Rotate: index 9 is not in [0, 9).", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_outside_the_table_is_named()
    {
        var tokens = _kernels.Allocate(DType.Int32, 1).View(1, 1);
        _kernels.Fill(tokens, 9);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _kernels.Embed(tokens, _kernels.Matrix(9, 3), _kernels.Matrix(1, 3), false));
        Assert.StartsWith("Embed: index 9 is not in [0, 9).", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_of_other_kernels_and_disposed_ones_are_refused()
    {
        using var others = new ReferenceKernels<double>();
        AssertMessage(
            "The reference kernels of Single have not allocated the buffer of 1×1 Float64.",
            () => _kernels.Activate(Activation.Relu, others.Matrix(1, 1), others.Matrix(1, 1)));
        var matrix = _kernels.Matrix(1, 1);
        matrix.Buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _kernels.Fill(matrix, 0));
    }

    private static void AssertMessage(string expected, Action action) => Assert.Equal(expected, Assert.Throws<ArgumentException>(action).Message);
}
