namespace Inkling.Kernels;

/// <summary>
/// A weight as its kernels like it best (packed, later rounded or quantised), kept beside the original. When the original
/// changes, <see cref="IKernels.Invalidate"/> says so, and the first use after that prepares it again.
/// </summary>
public abstract class PreparedWeight : IDisposable
{
    /// <summary>Describes a prepared weight.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The precision is <see cref="Precision.Auto"/>.</exception>
    protected PreparedWeight(MatrixView source, WeightLayout layout, Precision precision)
    {
        if (precision == Precision.Auto)
        {
            throw new ArgumentOutOfRangeException(nameof(precision), precision, "Prepare: a product needs Float32 or Bfloat16; ask FastestPrecision which.");
        }

        Source = source;
        Layout = layout;
        Precision = precision;
    }

    /// <summary>The original, laid out as <see cref="Layout"/> says.</summary>
    public MatrixView Source { get; }

    /// <summary>Which side of <see cref="Source"/> is the input.</summary>
    public WeightLayout Layout { get; }

    /// <summary>Precision of the products with it.</summary>
    public Precision Precision { get; }

    /// <summary>Columns of x in y = x·W.</summary>
    public int InputCount => Layout == WeightLayout.InputByOutput ? Source.Rows : Source.Columns;

    /// <summary>Columns of y in y = x·W.</summary>
    public int OutputCount => Layout == WeightLayout.InputByOutput ? Source.Columns : Source.Rows;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the prepared copy.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
