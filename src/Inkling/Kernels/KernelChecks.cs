using System.Runtime.CompilerServices;

namespace Inkling.Kernels;

/// <summary>
/// What each operation of <see cref="IKernels"/> asks of its operands, in one place for every implementation. All real
/// operands have the type of the first; a message names the operation, the operand, its shape and the right one.
/// </summary>
internal static class KernelChecks
{
    public static void Allocate(DType real, DType type, long count)
    {
        if (type != real && type != DType.Int32)
            throw new NotSupportedException($"Allocate: these kernels compute in {real} and hold no {type}.");

        ArgumentOutOfRangeException.ThrowIfNegative(count);
    }

    /// <summary>For Read and Write: the span holds the view's elements, one for one.</summary>
    public static void Transfer<T>(MatrixView view, int length, [CallerMemberName] string operation = "")
        where T : unmanaged
    {
        Require(view, view.Rows, view.Columns, DTypes.Of<T>(), operation);
        if (length != view.Count)
            throw new ArgumentException($"{operation}: {view} has {view.Count} elements, the span {length}.");
    }

    public static void Fill(MatrixView destination) => RequireAny(destination);

    public static void FillNormal(MatrixView destination) => RequireReal(destination);

    public static void Copy(MatrixView source, MatrixView destination)
    {
        RequireAny(source);
        RequireLike(source, destination);
    }

    public static void Prepare(MatrixView weight) => RequireReal(weight);

    public static void Embed(MatrixView indices, MatrixView table, MatrixView y)
    {
        RequireReal(table);
        Require(indices, indices.Rows, 1, DType.Int32);
        Require(y, indices.Rows, table.Columns, table.Buffer.Type);
    }

    public static void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable)
    {
        RequireReal(dTable);
        Require(indices, indices.Rows, 1, DType.Int32);
        Require(dy, indices.Rows, dTable.Columns, dTable.Buffer.Type);
    }

    public static void Linear(in LinearArguments arguments)
    {
        var (x, weight, y) = (arguments.X, arguments.Weight, arguments.Y);
        RequireReal(x);
        Require(x, x.Rows, weight.InputCount, weight.Source.Buffer.Type);
        Require(y, x.Rows, weight.OutputCount, x.Buffer.Type);
        RequireOptional(arguments.Bias, 1, y.Columns, y.Buffer.Type);
        RequireOptional(arguments.Preactivation, y.Rows, y.Columns, y.Buffer.Type);
        RequireOptional(arguments.Residual, y.Rows, y.Columns, y.Buffer.Type);
        if (arguments.Residual == y)
            throw new ArgumentException("Linear: Residual and Y are the same view; the product would overwrite what is to be added.");
    }

    public static void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx)
    {
        RequireReal(dy);
        Require(dy, dy.Rows, weight.OutputCount, weight.Source.Buffer.Type);
        Require(dx, dy.Rows, weight.InputCount, dy.Buffer.Type);
    }

    public static void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout)
    {
        RequireReal(x);
        Require(dy, x.Rows, dy.Columns, x.Buffer.Type);
        var (rows, columns) = layout == WeightLayout.InputByOutput ? (x.Columns, dy.Columns) : (dy.Columns, x.Columns);
        Require(dWeight, rows, columns, x.Buffer.Type);
    }

    public static void LinearBackwardBias(MatrixView dy, MatrixView dBias)
    {
        RequireReal(dy);
        Require(dBias, 1, dy.Columns, dy.Buffer.Type);
    }

    public static void Activate(MatrixView x, MatrixView y)
    {
        RequireReal(x);
        RequireLike(x, y);
    }

    public static void ActivateBackward(MatrixView x, MatrixView dy, MatrixView dx)
    {
        RequireReal(x);
        RequireLike(x, dy);
        RequireLike(x, dx);
    }

    public static void Gate(MatrixView gate, MatrixView up, MatrixView y)
    {
        RequireReal(gate);
        RequireLike(gate, up);
        RequireLike(gate, y);
    }

    public static void GateBackward(MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
    {
        RequireReal(gate);
        RequireLike(gate, up);
        RequireLike(gate, dy);
        RequireLike(gate, dGate);
        RequireLike(gate, dUp);
    }

    public static void Add(MatrixView a, MatrixView b, MatrixView y)
    {
        RequireReal(a);
        RequireLike(a, b);
        RequireLike(a, y);
    }

    public static void ApplyDropout(MatrixView x, MatrixView y)
    {
        RequireReal(x);
        RequireLike(x, y);
    }

    public static void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, MatrixView y, MatrixView statistics)
    {
        RequireReal(x);
        Require(gain, 1, x.Columns, x.Buffer.Type);
        RequireOptional(bias, 1, x.Columns, x.Buffer.Type);
        RequireLike(x, y);
        Require(statistics, x.Rows, 2, x.Buffer.Type);
    }

    public static void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, MatrixView dGain, MatrixView dBias)
    {
        RequireReal(x);
        Require(gain, 1, x.Columns, x.Buffer.Type);
        Require(statistics, x.Rows, 2, x.Buffer.Type);
        RequireLike(x, dy);
        RequireLike(x, dx);
        RequireLike(gain, dGain);
        RequireOptional(dBias, 1, x.Columns, x.Buffer.Type);
    }

    public static void RmsNorm(MatrixView x, MatrixView gain, MatrixView y, MatrixView statistics)
    {
        RequireReal(x);
        Require(gain, 1, gain.Columns, x.Buffer.Type);
        RequireLike(x, y);
        Require(statistics, x.Rows, Groups(x, gain.Columns), x.Buffer.Type);
    }

    public static void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, MatrixView dGain)
    {
        RequireReal(x);
        Require(gain, 1, gain.Columns, x.Buffer.Type);
        Require(statistics, x.Rows, Groups(x, gain.Columns), x.Buffer.Type);
        RequireLike(x, dy);
        RequireLike(x, dx);
        RequireLike(gain, dGain);
    }

    public static void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, MatrixView y)
    {
        RequireReal(x);
        if (headSize % 2 != 0)
            throw new ArgumentException($"Rotate: heads of {headSize} have no two halves; the head size must be even.");

        _ = Groups(x, headSize);
        Require(positions, x.Rows, 1, DType.Int32);
        Require(table, table.Rows, headSize, x.Buffer.Type);
        RequireLike(x, y);
    }

    public static void Attention(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, MatrixView y, MatrixView logSumExp)
    {
        RequireShape(shape);
        RequireOperands(shape, q, k, v, "Attention");
        RequireLike(q, y);
        RequireOptional(logSumExp, checked(shape.BatchSize * shape.HeadCount), shape.QueryCount, q.Buffer.Type);
    }

    public static void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        RequireShape(shape);
        RequireOperands(shape, q, k, v, "AttentionBackward");
        Require(logSumExp, checked(shape.BatchSize * shape.HeadCount), shape.QueryCount, q.Buffer.Type);
        RequireLike(q, y);
        RequireLike(q, dy);
        RequireLike(q, dq);
        RequireLike(k, dk);
        RequireLike(v, dv);
    }

    public static void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
    {
        RequireReal(logits);
        Require(targets, logits.Rows, 1, DType.Int32);
        Require(weights, logits.Rows, 1, logits.Buffer.Type);
        Require(losses, logits.Rows, 1, logits.Buffer.Type);
        RequireOptional(dLogits, logits.Rows, logits.Columns, logits.Buffer.Type);
    }

    public static void Sum(MatrixView x, MatrixView result, [CallerMemberName] string operation = "")
    {
        RequireReal(x, operation);
        Require(result, 1, 1, x.Buffer.Type, operation);
    }

    public static void Guard(MatrixView control, double largestLoss)
    {
        RequireReal(control);
        Require(control, 1, 4, control.Buffer.Type);
        if (double.IsNaN(largestLoss))
            throw new ArgumentException("Guard: the largest loss is NaN; it must be a number, infinity for any loss.");
    }

    public static void Adam(MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
    {
        RequireReal(values);
        Require(values, 1, values.Columns, values.Buffer.Type);
        RequireLike(values, gradients);
        RequireLike(values, firstMoments);
        RequireLike(values, secondMoments);
        Require(control, 1, 4, values.Buffer.Type);
    }

    /// <summary>For data that select a row or column, which only an implementation that sees them can check.</summary>
    public static void Index(int index, int count, [CallerMemberName] string operation = "")
    {
        if ((uint)index >= (uint)count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{operation}: index {index} is not in [0, {count}).");
    }

    private static void RequireShape(in AttentionShape shape, [CallerMemberName] string operation = "")
    {
        if (shape.BatchSize < 0 || shape.QueryCount < 0 || shape.KeyCount < 1 || shape.KeyCapacity < shape.KeyCount || shape.QueryOffset < 0
            || shape.HeadSize < 1 || shape.KeyHeadCount < 1 || shape.HeadCount % shape.KeyHeadCount != 0)
        {
            throw new ArgumentException($"{operation}: {shape} makes no sense.");
        }

        if (shape.Window < 0 || (shape.Window > 0 && !shape.Causal))
            throw new ArgumentException($"{operation}: a window of {shape.Window} in {shape}; it must be 0 for none, or positive in causal attention.");

        if (shape.QueryCount > 0 && shape.FirstKey(shape.QueryCount - 1) >= shape.KeyCount)
            throw new ArgumentException($"{operation}: the last query sees none of the keys with a window of {shape.Window} in {shape}.");
    }

    private static void RequireOperands(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, string operation)
    {
        RequireReal(q, operation);
        Require(q, checked(shape.BatchSize * shape.QueryCount), checked(shape.HeadCount * shape.HeadSize), q.Buffer.Type, operation);
        Require(k, checked(shape.BatchSize * shape.KeyCapacity), shape.KeyHeadCount * shape.HeadSize, q.Buffer.Type, operation);
        Require(v, k.Rows, k.Columns, q.Buffer.Type, operation);
    }

    /// <summary>How many groups of columns, all of one width, a matrix consists of.</summary>
    private static int Groups(MatrixView x, int columns, [CallerMemberName] string operation = "")
    {
        if (columns < 1 || x.Columns % columns != 0)
            throw new ArgumentException($"{operation}: x is {x}, whose columns are no whole number of groups of {columns}.");

        return x.Columns / columns;
    }

    private static void RequireReal(
        MatrixView view, [CallerMemberName] string operation = "", [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        RequireAny(view, operation, operand);
        if (view.Buffer.Type == DType.Int32)
            throw new ArgumentException($"{operation}: {operand} is {view}, must hold real numbers.");
    }

    private static void RequireAny(
        MatrixView view, [CallerMemberName] string operation = "", [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (view.IsNone)
            throw new ArgumentException($"{operation}: {operand} is missing.");

        Require(view, view.Rows, view.Columns, view.Buffer.Type, operation, operand);
    }

    private static void RequireLike(
        MatrixView model, MatrixView view, [CallerMemberName] string operation = "", [CallerArgumentExpression(nameof(view))] string operand = "")
        => Require(view, model.Rows, model.Columns, model.Buffer.Type, operation, operand);

    private static void RequireOptional(
        MatrixView view, int rows, int columns, DType type,
        [CallerMemberName] string operation = "", [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (!view.IsNone)
            Require(view, rows, columns, type, operation, operand);
    }

    private static void Require(
        MatrixView view, int rows, int columns, DType type,
        [CallerMemberName] string operation = "", [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (view.IsNone || view.Rows != rows || view.Columns != columns || view.Buffer.Type != type)
            throw new ArgumentException($"{operation}: {operand} is {view}, must be {rows}×{columns} {type}.");

        var end = rows == 0 ? view.Offset : view.Offset + ((long)(rows - 1) * view.Pitch) + columns;
        if (rows < 0 || columns < 0 || view.Offset < 0 || (rows > 1 && view.Pitch < columns) || end > view.Buffer.Count)
        {
            throw new ArgumentException(
                $"{operation}: {operand} is {view} at offset {view.Offset} with pitch {view.Pitch}, "
                + $"which does not fit a buffer of {view.Buffer.Count} elements.");
        }
    }
}
