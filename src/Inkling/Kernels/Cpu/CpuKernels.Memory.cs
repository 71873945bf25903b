using System.Runtime.InteropServices;
using Inkling.Kernels.Cpu.Emitted;

namespace Inkling.Kernels.Cpu;

/// <summary>The kernels for one vector width; each file of this class holds one family of operations.</summary>
internal sealed unsafe partial class CpuKernels<V> : IKernels
    where V : unmanaged, ISimd<V>
{
    // Multiply-adds that are not worth waking other threads for: a few microseconds.
    private const long SmallWork = 1 << 16;

    private readonly CpuMemory _memory = new();
    private readonly WorkerPool _pool;
    private readonly WorkerPool _alone = new(1);
    private readonly Workspace _shared;
    private readonly Workspace _perWorker;

    // Made when the first product of bfloat16 asks for it.
    private readonly Lazy<Bfloat16Support> _bfloat16;

    public CpuKernels(InstructionSet set, int threadCount, bool usesMachineCode)
    {
        Description = $"CPU {set}, {threadCount} thread{(threadCount == 1 ? "" : "s")}";
        _bfloat16 = new(() => Bfloat16Support.Find(set, usesMachineCode));
        _pool = new WorkerPool(threadCount);
        _shared = new Workspace(_memory);
        _perWorker = new Workspace(_memory);
    }

    public string Description { get; }

    public DType Real => DType.Float32;

    public Precision FastestPrecision => _bfloat16.Value.IsFaster ? Precision.Bfloat16 : Precision.Float32;

    public long AllocatedBytes => _memory.Bytes;

    public DeviceBuffer Allocate(DType type, long count)
    {
        KernelChecks.Allocate(Real, type, count);
        return new CpuBuffer(_memory, type, count);
    }

    public void Write<T>(MatrixView destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        KernelChecks.Transfer<T>(destination, source.Length);
        for (var row = 0; row < destination.Rows; row++)
        {
            source.Slice(row * destination.Columns, destination.Columns).CopyTo(Row<T>(destination, row));
        }
    }

    public void Read<T>(MatrixView source, Span<T> destination)
        where T : unmanaged
    {
        KernelChecks.Transfer<T>(source, destination.Length);
        for (var row = 0; row < source.Rows; row++)
        {
            Row<T>(source, row).CopyTo(destination.Slice(row * source.Columns, source.Columns));
        }
    }

    public void Dispose()
    {
        _pool.Dispose();
        if (_bfloat16.IsValueCreated)
        {
            _bfloat16.Value.Dispose();
        }

        _shared.Dispose();
        _perWorker.Dispose();
    }

    /// <summary>How these kernels take operands of a precision.</summary>
    private OperandFormat FormatOf(Precision precision) => precision switch
    {
        Precision.Float32 => OperandFormat.Float32,
        Precision.Bfloat16 => _bfloat16.Value.Format,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "A product needs Float32 or Bfloat16."),
    };

    private static Span<T> Row<T>(in MatrixView view, int row)
        where T : unmanaged
        => new((T*)((CpuBuffer)view.Buffer).Pointer + view.Offset + ((long)row * view.Pitch), view.Columns);

    private static float* Floats(in MatrixView view) => new MatrixRows(view).Start;

    /// <summary>
    /// Runs a body over [0, count) in pieces of <paramref name="grain"/>, which do not depend on the number of
    /// threads.
    /// </summary>
    private void ForEach<TBody>(long count, int grain, TBody body)
        where TBody : unmanaged, IRangeBody
    {
        var job = new RangeJob<TBody> { Body = body, Count = count, Grain = grain };
        if (count <= grain)
        {
            body.Run(0, count);
        }
        else
        {
            _pool.Run(ref job);
        }
    }

    /// <summary>All threads, or the caller's alone where the work is small; the bits are the same.</summary>
    private WorkerPool PoolFor(long work) => work <= SmallWork ? _alone : _pool;

    /// <summary>Rows per piece so that a piece is about <paramref name="elements"/> elements.</summary>
    private static int RowGrain(int columns, int elements = 16_384) => Math.Max(1, elements / Math.Max(1, columns));

    private interface IRangeBody
    {
        void Run(long from, long to);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct RangeJob<TBody> : IJob
        where TBody : unmanaged, IRangeBody
    {
        public TBody Body;
        public long Count;
        public int Grain;

        public void Run(WorkerPool pool, int worker)
        {
            var count = checked((int)((Count + Grain - 1) / Grain));
            while (pool.TryTake(worker, count, out var piece))
            {
                var from = (long)piece * Grain;
                Body.Run(from, Math.Min(Count, from + Grain));
            }
        }
    }
}
