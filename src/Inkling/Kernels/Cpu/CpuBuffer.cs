using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <summary>Memory outside the managed heap, aligned to cache lines.</summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    /// <summary>Alignment in bytes: a cache line, and a vector of 512 bits.</summary>
    public const int Alignment = 64;

    private readonly CpuMemory _memory;
    private void* _pointer;

    public CpuBuffer(CpuMemory memory, DType type, long count)
        : base(type, count)
    {
        var size = checked((nuint)(count * type.ByteSize()));
        _pointer = NativeMemory.AlignedAlloc(Math.Max(size, Alignment), Alignment);
        NativeMemory.Clear(_pointer, size);
        _memory = memory;
        _memory.Add(ByteSize);
    }

    ~CpuBuffer() => Dispose(false);

    /// <summary>First byte.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been given back.</exception>
    public void* Pointer => _pointer is not null ? _pointer : throw new ObjectDisposedException(nameof(CpuBuffer), "This buffer's memory has been given back.");

    protected override void Dispose(bool disposing)
    {
        if (_pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
            _pointer = null;
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
