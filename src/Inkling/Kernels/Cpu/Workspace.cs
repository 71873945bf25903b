namespace Inkling.Kernels.Cpu;

/// <summary>Scratch memory of the kernels: grows to what the largest call needs and then stays.</summary>
internal sealed unsafe class Workspace(CpuMemory memory) : IDisposable
{
    private CpuBuffer? _buffer;

    /// <summary>At least <paramref name="count"/> floats with arbitrary content, valid until the next call.</summary>
    public float* Floats(long count)
    {
        if (_buffer is null || _buffer.Count < count)
        {
            _buffer?.Dispose();
            _buffer = new CpuBuffer(memory, DType.Float32, count);
        }

        return (float*)_buffer.Pointer;
    }

    public void Dispose() => _buffer?.Dispose();
}
