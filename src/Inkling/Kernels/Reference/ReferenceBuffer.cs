namespace Inkling.Kernels.Reference;

/// <summary>Memory of the reference kernels: a managed array.</summary>
/// <param name="count">Number of elements, all zero.</param>
/// <param name="released">Told the size in bytes when the memory is given back.</param>
internal sealed class ReferenceBuffer<T>(long count, Action<long> released) : DeviceBuffer(DTypes.Of<T>(), count)
    where T : unmanaged
{
    private T[]? _elements = new T[count];

    public T[] Elements => _elements ?? throw new ObjectDisposedException(GetType().Name);

    protected override void Dispose(bool disposing)
    {
        if (_elements is not null)
            released(ByteSize);

        _elements = null;
    }
}
