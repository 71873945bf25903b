namespace Inkling.Kernels.Reference;

/// <content>Linear layers: three products of matrices, and what is fused with the first.</content>
public sealed partial class ReferenceKernels<T>
{
    /// <inheritdoc/>
    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision)
    {
        KernelChecks.Prepare(weight);
        return new ReferenceWeight(weight, layout, precision);
    }

    /// <inheritdoc/>
    public void Invalidate(PreparedWeight weight)
    {
    }

    /// <inheritdoc/>
    public void Linear(in LinearArguments arguments)
    {
        KernelChecks.Linear(arguments);
        var x = Matrix(arguments.X); // (M, K)
        var weight = InputByOutput(arguments.Weight.Source, arguments.Weight.Layout); // (K, N)
        var y = Matrix(arguments.Y); // (M, N)
        for (var i = 0; i < y.Rows; i++)
        {
            for (var n = 0; n < y.Columns; n++)
            {
                var value = Dot(x, i, weight, n, arguments.Bias.IsNone ? T.Zero : Matrix(arguments.Bias)[0, n], arguments.Weight.Precision);
                if (!arguments.Preactivation.IsNone)
                    Matrix(arguments.Preactivation)[i, n] = value;

                value = Dropped(arguments.Dropout, i, n, Activated(arguments.Activation, value));
                y[i, n] = arguments.Residual.IsNone ? value : Matrix(arguments.Residual)[i, n] + value;
            }
        }
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        KernelChecks.LinearBackwardInput(dy, weight, dx);
        Product(Matrix(dy), InputByOutput(weight.Source, weight.Layout).Transposed, Matrix(dx), weight.Precision, accumulate);
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate)
    {
        KernelChecks.LinearBackwardWeight(x, dy, dWeight, layout);
        Product(Matrix(x).Transposed, Matrix(dy), InputByOutput(dWeight, layout), precision, accumulate);
    }

    /// <inheritdoc/>
    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
    {
        KernelChecks.LinearBackwardBias(dy, dBias);
        var (gradient, result) = (Matrix(dy), Matrix(dBias));
        if (!accumulate)
            result.Fill(T.Zero);

        for (var i = 0; i < gradient.Rows; i++)
        {
            for (var n = 0; n < gradient.Columns; n++)
                result[0, n] += gradient[i, n];
        }
    }

    private static ReferenceMatrix<T> InputByOutput(MatrixView weight, WeightLayout layout)
        => layout == WeightLayout.InputByOutput ? Matrix(weight) : Matrix(weight).Transposed;

    private static void Product(ReferenceMatrix<T> a, ReferenceMatrix<T> b, ReferenceMatrix<T> c, Precision precision, bool accumulate)
    {
        for (var i = 0; i < c.Rows; i++)
        {
            for (var j = 0; j < c.Columns; j++)
                c[i, j] = Dot(a, i, b, j, accumulate ? c[i, j] : T.Zero, precision);
        }
    }

    // One chain of fused multiply-adds in the order of the precision: the law of order that faster kernels keep to the bit.
    private static T Dot(ReferenceMatrix<T> a, int row, ReferenceMatrix<T> b, int column, T start, Precision precision)
    {
        var sum = start;
        for (var place = 0; place < a.Columns; place++)
        {
            var k = precision == Precision.Float32 ? place : Bfloat16.Term(place, a.Columns);
            sum = T.FusedMultiplyAdd(Input(a[row, k], precision), Input(b[k, column], precision), sum);
        }

        return sum;
    }

    // A number as it goes into a product.
    private static T Input(T value, Precision precision)
        => precision == Precision.Float32 ? value : T.CreateTruncating(Bfloat16.Round(float.CreateTruncating(value)));
}
