namespace Inkling.Kernels;

/// <summary>
/// Operands of <see cref="IKernels.Linear"/>: y = residual + dropout(activation(x·W + bias)). Optional views are <c>default</c>.
/// </summary>
public readonly record struct LinearArguments
{
    /// <summary>Inputs, (M, K).</summary>
    public required MatrixView X { get; init; }

    /// <summary>The matrix, K inputs and N outputs.</summary>
    public required PreparedWeight Weight { get; init; }

    /// <summary>Added to every row, (1, N); optional.</summary>
    public MatrixView Bias { get; init; }

    /// <summary>Applied to x·W + bias.</summary>
    public Activation Activation { get; init; }

    /// <summary>Receives x·W + bias, (M, N), which the activation's gradient needs; optional.</summary>
    public MatrixView Preactivation { get; init; }

    /// <summary>Applied after the activation.</summary>
    public Dropout Dropout { get; init; }

    /// <summary>Added last, (M, N); optional.</summary>
    public MatrixView Residual { get; init; }

    /// <summary>Result, (M, N).</summary>
    public required MatrixView Y { get; init; }
}
