using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <summary>
/// Threads that run one job together. Between jobs a worker spins for a moment, because a small model runs hundreds of
/// short jobs per step, and then parks. Nothing is allocated per job.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    // A few microseconds of pauses, then about a millisecond of giving way: longer than the gaps between the kernels of a step, shorter
    // than anyone would notice.
    private const int SpinsBeforeYielding = 200;
    private const int SpinsBeforeParking = 2_000;

    // Longs from one thread's counter to the next: they share no cache line, nor the pair of lines that processors fetch together.
    private const int CounterStride = 16;

    private readonly Thread[] _threads;
    private readonly object _parking = new();

    // For each thread how many of its pieces are taken, tagged with the phase, so that nobody need reset them.
    private readonly long[] _taken;
    private Counters _counters;
    private delegate*<void*, WorkerPool, int, void> _function;
    private void* _job;
    private int _parked;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    public WorkerPool(int threadCount)
    {
        ThreadCount = threadCount;
        _taken = new long[(threadCount + 1) * CounterStride];
        _threads = new Thread[threadCount - 1];
        for (var worker = 1; worker < threadCount; worker++)
        {
            var number = worker;
            _threads[worker - 1] = new Thread(() => Work(number)) { IsBackground = true, Name = $"Inkling worker {worker}" };
            _threads[worker - 1].Start();
        }
    }

    /// <summary>Threads that run a job, the caller's included.</summary>
    public int ThreadCount { get; }

    /// <summary>Runs the job on every thread and returns when all are done.</summary>
    public void Run<TJob>(ref TJob job)
        where TJob : unmanaged, IJob
    {
        _counters.Phase++;
        if (ThreadCount == 1)
        {
            job.Run(this, 0);
            return;
        }

        fixed (TJob* pointer = &job)
        {
            _counters.Arrived = 0;
            _job = pointer;
            _function = &Invoke<TJob>;
            Volatile.Write(ref _counters.Pending, ThreadCount - 1);
            Interlocked.Increment(ref _counters.Generation);
            if (Volatile.Read(ref _parked) > 0)
            {
                lock (_parking)
                {
                    Monitor.PulseAll(_parking);
                }
            }

            Invoke<TJob>(pointer, this, 0);
            for (var spins = 0; Volatile.Read(ref _counters.Pending) != 0; spins++)
            {
                Pause(spins);
            }
        }

        if (_failure is { } failure)
        {
            _failure = null;
            throw new InvalidOperationException("A kernel failed: " + failure.Message, failure);
        }
    }

    /// <summary>Inside a job: takes one of the pieces [0, count) that nobody has taken; false when none is left. See the other overload.</summary>
    public bool TryTake(int worker, int count, out int piece) => TryTake(worker, count, 1, out piece, out _);

    /// <summary>
    /// Inside a job: takes a piece of a grid that nobody has taken; false when none is left. Until the next barrier all threads must ask with the same
    /// grid; after it there is a new one. Every thread has its own rows of pieces, side by side, and goes through them column by column; one that is done
    /// helps the others. So a thread finds what it wrote in the last job mostly in its own cache, and none waits for one that lost time to somebody else.
    /// </summary>
    public bool TryTake(int worker, int rows, int columns, out int row, out int column)
    {
        for (var i = 0; i < ThreadCount; i++)
        {
            var owner = (worker + i) % ThreadCount;
            var (from, end) = ((int)((long)rows * owner / ThreadCount), (int)((long)rows * (owner + 1) / ThreadCount));
            if (end > from && Take(owner, (end - from) * columns) is >= 0 and var ticket)
            {
                (row, column) = (from + (ticket % (end - from)), ticket / (end - from));
                return true;
            }
        }

        (row, column) = (0, 0);
        return false;
    }

    /// <summary>The next of a thread's pieces of this phase, or −1.</summary>
    private int Take(int owner, int count)
    {
        var phase = Volatile.Read(ref _counters.Phase);
        ref var counter = ref _taken[(owner + 1) * CounterStride];
        for (var seen = Volatile.Read(ref counter); ;)
        {
            var taken = (int)(seen >> 32) == phase ? (int)seen : 0;
            if (taken >= count)
            {
                return -1;
            }

            var before = Interlocked.CompareExchange(ref counter, ((long)phase << 32) + taken + 1, seen);
            if (before == seen)
            {
                return taken;
            }

            seen = before;
        }
    }

    /// <summary>Inside a job: waits until every thread has come here.</summary>
    /// <exception cref="OperationCanceledException">Another thread failed and will not come.</exception>
    public void Barrier()
    {
        var phase = Volatile.Read(ref _counters.Phase);
        if (Interlocked.Increment(ref _counters.Arrived) == ThreadCount)
        {
            _counters.Arrived = 0;
            Volatile.Write(ref _counters.Phase, phase + 1);
            return;
        }

        for (var spins = 0; Volatile.Read(ref _counters.Phase) == phase; spins++)
        {
            if (_failure is not null)
            {
                throw new OperationCanceledException("Another thread failed.");
            }

            Pause(spins);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        lock (_parking)
        {
            Monitor.PulseAll(_parking);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private static void Invoke<TJob>(void* job, WorkerPool pool, int worker)
        where TJob : unmanaged, IJob
    {
        try
        {
            ((TJob*)job)->Run(pool, worker);
        }
        catch (Exception failure)
        {
            // The first is the cause: those that waited for this thread at a barrier then fail as well.
            Interlocked.CompareExchange(ref pool._failure, failure, null);
        }
    }

    private static void Pause(int spins)
    {
        if (spins < SpinsBeforeYielding)
        {
            Thread.SpinWait(1);
        }
        else
        {
            // More threads than processors: let the one that is late run.
            Thread.Yield();
        }
    }

    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            for (var spins = 0; Volatile.Read(ref _counters.Generation) == seen; spins++)
            {
                if (_stopping)
                {
                    return;
                }

                if (spins < SpinsBeforeParking)
                {
                    Pause(spins);
                }
                else
                {
                    Park(seen);
                }
            }

            seen++;
            _function(_job, this, worker);
            Interlocked.Decrement(ref _counters.Pending);
        }
    }

    private void Park(int seen)
    {
        lock (_parking)
        {
            Interlocked.Increment(ref _parked);
            while (Volatile.Read(ref _counters.Generation) == seen && !_stopping)
            {
                Monitor.Wait(_parking);
            }

            Interlocked.Decrement(ref _parked);
        }
    }

    /// <summary>Each counter has cache lines of its own, so that threads do not slow each other by writing beside one another.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 640)]
    private struct Counters
    {
        [FieldOffset(128)]
        public int Generation;

        [FieldOffset(256)]
        public int Pending;

        [FieldOffset(384)]
        public int Arrived;

        [FieldOffset(512)]
        public int Phase;
    }
}
