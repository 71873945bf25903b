namespace Inkling.Kernels.Reference;

/// <content>Operations on each element by itself.</content>
public sealed partial class ReferenceKernels<T>
{
    /// <inheritdoc/>
    public void Activate(Activation activation, MatrixView x, MatrixView y)
    {
        KernelChecks.Activate(x, y);
        var (input, output) = (Matrix(x), Matrix(y));
        for (var i = 0; i < output.Rows; i++)
        {
            for (var j = 0; j < output.Columns; j++)
                output[i, j] = Activated(activation, input[i, j]);
        }
    }

    /// <inheritdoc/>
    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx)
    {
        KernelChecks.ActivateBackward(x, dy, dx);
        var (input, outputGradient, inputGradient) = (Matrix(x), Matrix(dy), Matrix(dx));
        for (var i = 0; i < input.Rows; i++)
        {
            for (var j = 0; j < input.Columns; j++)
                inputGradient[i, j] = Slope(activation, input[i, j]) * outputGradient[i, j];
        }
    }

    /// <inheritdoc/>
    public void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y)
    {
        KernelChecks.Gate(gate, up, y);
        var (gates, values, output) = (Matrix(gate), Matrix(up), Matrix(y));
        for (var i = 0; i < output.Rows; i++)
        {
            for (var j = 0; j < output.Columns; j++)
                output[i, j] = Activated(activation, gates[i, j]) * values[i, j];
        }
    }

    /// <inheritdoc/>
    public void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
    {
        KernelChecks.GateBackward(gate, up, dy, dGate, dUp);
        var (gates, values, outputGradient) = (Matrix(gate), Matrix(up), Matrix(dy));
        var (gateGradient, valueGradient) = (Matrix(dGate), Matrix(dUp));
        for (var i = 0; i < gates.Rows; i++)
        {
            for (var j = 0; j < gates.Columns; j++)
            {
                gateGradient[i, j] = Slope(activation, gates[i, j]) * values[i, j] * outputGradient[i, j];
                valueGradient[i, j] = Activated(activation, gates[i, j]) * outputGradient[i, j];
            }
        }
    }

    /// <inheritdoc/>
    public void Add(MatrixView a, MatrixView b, MatrixView y)
    {
        KernelChecks.Add(a, b, y);
        var (left, right, sum) = (Matrix(a), Matrix(b), Matrix(y));
        for (var i = 0; i < sum.Rows; i++)
        {
            for (var j = 0; j < sum.Columns; j++)
                sum[i, j] = left[i, j] + right[i, j];
        }
    }

    /// <inheritdoc/>
    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y)
    {
        KernelChecks.ApplyDropout(x, y);
        var (input, output) = (Matrix(x), Matrix(y));
        for (var i = 0; i < output.Rows; i++)
        {
            for (var j = 0; j < output.Columns; j++)
                output[i, j] = Dropped(dropout, i, j, input[i, j]);
        }
    }

    private static T Activated(Activation activation, T x) => Number(ReferenceActivation.Value(activation, double.CreateTruncating(x)));

    private static T Slope(Activation activation, T x) => Number(ReferenceActivation.Slope(activation, double.CreateTruncating(x)));

    private static T Dropped(Dropout dropout, int row, int column, T value)
        => dropout.IsActive ? DroppedBy(dropout, dropout.Word(row, column), value) : value;

    private static T DroppedBy(Dropout dropout, uint word, T value)
        => word >= dropout.Threshold ? value * T.CreateTruncating(dropout.Scale) : T.Zero;
}
