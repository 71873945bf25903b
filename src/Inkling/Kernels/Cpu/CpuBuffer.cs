using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <summary>Memory outside the managed heap, aligned to cache lines.</summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    /// <summary>Alignment in bytes: a cache line, and a vector of 512 bits.</summary>
    public const int Alignment = 64;

    private readonly CpuMemory _memory;

    public CpuBuffer(CpuMemory memory, DType type, long count)
        : base(type, count)
    {
        var size = checked((nuint)(count * type.ByteSize()));
        Pointer = NativeMemory.AlignedAlloc(Math.Max(size, Alignment), Alignment);
        NativeMemory.Clear(Pointer, size);
        _memory = memory;
        _memory.Add(ByteSize);
    }

    ~CpuBuffer() => Dispose(false);

    /// <summary>First byte; null after disposal.</summary>
    public void* Pointer { get; private set; }

    protected override void Dispose(bool disposing)
    {
        if (Pointer is not null)
        {
            NativeMemory.AlignedFree(Pointer);
            Pointer = null;
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
