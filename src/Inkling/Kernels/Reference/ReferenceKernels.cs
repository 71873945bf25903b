using System.Numerics;

namespace Inkling.Kernels.Reference;

/// <summary>
/// The oracle that faster kernels are tested against: every formula as the papers write it, one element after another,
/// at once, on one thread. With double it also checks gradients.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed partial class ReferenceKernels<T> : IKernels
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public string Description => $"reference ({Real}, scalar, 1 thread)";

    /// <inheritdoc/>
    public DType Real { get; } = DTypes.Of<T>();

    /// <inheritdoc/>
    public Precision FastestPrecision => Precision.Float32;

    /// <inheritdoc/>
    public long AllocatedBytes { get; private set; }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(DType type, long count)
    {
        KernelChecks.Allocate(Real, type, count);
        DeviceBuffer buffer = type == Real ? new ReferenceBuffer<T>(count, Release) : new ReferenceBuffer<int>(count, Release);
        AllocatedBytes += buffer.ByteSize;
        return buffer;
    }

    /// <inheritdoc/>
    public void Write<TElement>(MatrixView destination, ReadOnlySpan<TElement> source)
        where TElement : unmanaged
    {
        KernelChecks.Transfer<TElement>(destination, source.Length);
        var matrix = new ReferenceMatrix<TElement>(destination);
        for (var i = 0; i < matrix.Rows; i++)
        {
            for (var j = 0; j < matrix.Columns; j++)
                matrix[i, j] = source[(i * matrix.Columns) + j];
        }
    }

    /// <inheritdoc/>
    public void Read<TElement>(MatrixView source, Span<TElement> destination)
        where TElement : unmanaged
    {
        KernelChecks.Transfer<TElement>(source, destination.Length);
        var matrix = new ReferenceMatrix<TElement>(source);
        for (var i = 0; i < matrix.Rows; i++)
        {
            for (var j = 0; j < matrix.Columns; j++)
                destination[(i * matrix.Columns) + j] = matrix[i, j];
        }
    }

    /// <inheritdoc/>
    public void Fill(MatrixView destination, double value)
    {
        KernelChecks.Fill(destination);
        if (destination.Buffer.Type == DType.Int32)
            Integers(destination).Fill((int)value);
        else
            Matrix(destination).Fill(Number(value));
    }

    /// <inheritdoc/>
    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key)
    {
        KernelChecks.FillNormal(destination);
        var matrix = Matrix(destination);
        for (var index = 0L; index < destination.Count; index++)
        {
            var (row, column) = Math.DivRem(index, matrix.Columns);
            var (first, second) = BoxMuller.Pair(key, (ulong)index / 2);
            matrix[(int)row, (int)column] = Number(standardDeviation * (index % 2 == 0 ? first : second));
        }
    }

    /// <inheritdoc/>
    public void Copy(MatrixView source, MatrixView destination)
    {
        KernelChecks.Copy(source, destination);
        if (source.Buffer.Type == DType.Int32)
            Copy(Integers(source), Integers(destination));
        else
            Copy(Matrix(source), Matrix(destination));
    }

    /// <summary>Every buffer belongs to its owner and to the garbage collector: there is nothing to release.</summary>
    public void Dispose()
    {
    }

    private static void Copy<TElement>(ReferenceMatrix<TElement> source, ReferenceMatrix<TElement> destination)
        where TElement : unmanaged
    {
        for (var i = 0; i < source.Rows; i++)
        {
            for (var j = 0; j < source.Columns; j++)
                destination[i, j] = source[i, j];
        }
    }

    private static ReferenceMatrix<T> Matrix(MatrixView view) => new(view);

    private static ReferenceMatrix<int> Integers(MatrixView view) => new(view);

    private static T Number(double value) => T.CreateTruncating(value);

    private void Release(long bytes) => AllocatedBytes -= bytes;
}
