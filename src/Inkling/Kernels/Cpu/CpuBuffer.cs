using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <summary>
/// Memory outside the managed heap, aligned to cache lines. The system gives large pieces as pages that are zero already and
/// takes them from the machine's memory when they are first written to: what nobody touches costs nothing.
/// </summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    /// <summary>Alignment in bytes: a cache line, and a vector of 512 bits.</summary>
    public const int Alignment = 64;

    private readonly CpuMemory _memory;
    private readonly void* _pointer;
    private void* _block;

    public CpuBuffer(CpuMemory memory, DType type, long count)
        : base(type, count)
    {
        var size = checked((nuint)((count * type.ByteSize()) + Alignment));
        _block = NativeMemory.AllocZeroed(size);
        LargePages.Request(_block, size);
        _pointer = (void*)(((nuint)_block + Alignment - 1) / Alignment * Alignment);
        _memory = memory;
        _memory.Add(ByteSize);
    }

    ~CpuBuffer() => Dispose(false);

    /// <summary>First byte.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been given back.</exception>
    public void* Pointer => _block is not null ? _pointer : throw new ObjectDisposedException(nameof(CpuBuffer), "This buffer's memory has been given back.");

    protected override void Dispose(bool disposing)
    {
        if (_block is not null)
        {
            NativeMemory.Free(_block);
            _block = null;
            _memory.Add(-ByteSize);
        }
    }
}

/// <summary>Counts the bytes that one set of kernels holds.</summary>
internal sealed class CpuMemory
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
