namespace Inkling.Kernels;

/// <summary>
/// Memory of a device, opaque to everybody but the <see cref="IKernels"/> that allocated it.
/// Disposing it gives the memory back once the work that was queued before has run; nothing may be queued for it after that.
/// </summary>
public abstract class DeviceBuffer : IDisposable
{
    /// <summary>Describes a buffer of <paramref name="count"/> elements.</summary>
    protected DeviceBuffer(DType type, long count)
    {
        Type = type;
        Count = count;
    }

    /// <summary>Type of every element.</summary>
    public DType Type { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteSize => Count * Type.ByteSize();

    /// <summary>A matrix over the whole buffer, or its first part.</summary>
    public MatrixView View(int rows, int columns) => new(this, 0, rows, columns, columns);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
