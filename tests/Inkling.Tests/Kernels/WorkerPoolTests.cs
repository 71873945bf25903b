using System.Runtime.InteropServices;
using Inkling.Kernels.Cpu;

namespace Inkling.Tests.Kernels;

public sealed unsafe class WorkerPoolTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    public static TheoryData<int> ThreadCounts => [1, 2, 3, 8];

    public static TheoryData<int> SeveralThreads => [2, 3, 8];

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Every_piece_is_taken_once_between_two_barriers(int threadCount)
        => AssertEnds(() =>
        {
            using var pool = new WorkerPool(threadCount);
            for (var run = 0; run < 100; run++)
                AssertTakesEveryPieceOnce(pool, rows: run % 50, columns: (run % 3) + 1);
        });

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void A_thread_has_neighbouring_rows_of_pieces_and_goes_through_them_column_by_column(int threadCount)
        => AssertEnds(() =>
        {
            const int rows = 12, columns = 3;
            using var pool = new WorkerPool(threadCount);
            var taken = new Cells(rows * columns * 2);
            var job = new AloneJob { Worker = threadCount - 1, Rows = rows, Columns = columns, Taken = taken.Start };
            pool.Run(ref job);
            var order = Enumerable.Range(0, rows * columns).Select(i => (Row: taken.Start[2 * i], Column: taken.Start[(2 * i) + 1])).ToArray();
            var first = (int)((long)rows * (threadCount - 1) / threadCount);
            var expected = from column in Enumerable.Range(0, columns) from row in Enumerable.Range(first, rows - first) select (row, column);
            Assert.Equal(expected, order.Take((rows - first) * columns));
            Assert.Equal(rows * columns, order.Distinct().Count());
            taken.Free();
        });

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Workers_that_have_parked_wake_up(int threadCount)
        => AssertEnds(() =>
        {
            using var pool = new WorkerPool(threadCount);
            for (var run = 0; run < 3; run++)
            {
                AssertTakesEveryPieceOnce(pool, rows: 100, columns: 1);
                Thread.Sleep(50);
            }
        });

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void What_was_written_before_a_barrier_is_seen_after_it(int threadCount)
        => AssertEnds(() =>
        {
            using var pool = new WorkerPool(threadCount);
            var numbers = new Cells(threadCount);
            for (var run = 0; run < 8; run++)
            {
                var job = new PhaseJob { Numbers = numbers.Start, Phases = 10 };
                pool.Run(ref job);
                Assert.All(numbers.Read(), phases => Assert.Equal(10, phases));
                numbers.Clear();
            }

            numbers.Free();
        });

    [Theory]
    [MemberData(nameof(SeveralThreads))]
    public void A_job_that_fails_on_one_thread_is_reported_and_the_pool_works_afterwards(int threadCount) => AssertFailsAndRecovers(threadCount, barriers: 0);

    [Theory]
    [MemberData(nameof(SeveralThreads))]
    public void A_failure_frees_the_threads_that_wait_at_a_barrier(int threadCount)
    {
        AssertFailsAndRecovers(threadCount, barriers: 1);
        AssertFailsAndRecovers(threadCount, barriers: 3);
    }

    private static void AssertFailsAndRecovers(int threadCount, int barriers)
        => AssertEnds(() =>
        {
            using var pool = new WorkerPool(threadCount);
            for (var worker = 0; worker < threadCount; worker++)
            {
                for (var failing = 0; failing < Math.Max(1, barriers); failing++)
                {
                    var job = new FailingJob { Worker = worker, Barriers = barriers, FailsBefore = failing };
                    var error = Record.Exception(() => pool.Run(ref job));
                    var wrapped = Assert.IsType<InvalidOperationException>(error);
                    Assert.Equal("A kernel failed: no luck", wrapped.Message);
                    Assert.IsType<NotSupportedException>(wrapped.InnerException);
                    AssertTakesEveryPieceOnce(pool, rows: 50, columns: 1);
                    var numbers = new Cells(threadCount);
                    var phases = new PhaseJob { Numbers = numbers.Start, Phases = 5 };
                    pool.Run(ref phases);
                    Assert.All(numbers.Read(), number => Assert.Equal(5, number));
                    numbers.Free();
                }
            }
        });

    private static void AssertTakesEveryPieceOnce(WorkerPool pool, int rows, int columns)
    {
        const int phases = 3;
        var counts = new Cells(rows * columns);
        var job = new PieceJob { Counts = counts.Start, Rows = rows, Columns = columns, Phases = phases };
        pool.Run(ref job);
        Assert.All(counts.Read(), times => Assert.Equal(phases, times));
        counts.Free();
    }

    // A pool that hangs fails the test and leaves its threads, which are in the background, behind.
    private static void AssertEnds(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action)) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Hang), $"Not done after {Hang.TotalSeconds} seconds.");
        Assert.Null(failure);
    }

    /// <summary>Memory that does not move, for jobs, which hold no references.</summary>
    private readonly struct Cells(int count)
    {
        public int* Start { get; } = (int*)NativeMemory.AllocZeroed((nuint)count + 1, sizeof(int));

        public int[] Read() => new ReadOnlySpan<int>(Start, count).ToArray();

        public void Clear() => new Span<int>(Start, count).Clear();

        public void Free() => NativeMemory.Free(Start);
    }

    private struct PieceJob : IJob
    {
        public int* Counts;
        public int Rows;
        public int Columns;
        public int Phases;

        public readonly void Run(WorkerPool pool, int worker)
        {
            for (var phase = 0; phase < Phases; phase++)
            {
                while (pool.TryTake(worker, Rows, Columns, out var row, out var column))
                    Interlocked.Increment(ref Counts[(row * Columns) + column]);
                pool.Barrier();
            }
        }
    }

    /// <summary>One thread takes everything and writes down in which order.</summary>
    private struct AloneJob : IJob
    {
        public int Worker;
        public int Rows;
        public int Columns;
        public int* Taken;

        public readonly void Run(WorkerPool pool, int worker)
        {
            for (var i = 0; worker == Worker && pool.TryTake(worker, Rows, Columns, out var row, out var column); i += 2)
                (Taken[i], Taken[i + 1]) = (row, column);
        }
    }

    /// <summary>Each thread counts the phases after which all others had come exactly as far.</summary>
    private struct PhaseJob : IJob
    {
        public int* Numbers;
        public int Phases;

        public readonly void Run(WorkerPool pool, int worker)
        {
            for (var phase = 1; phase <= Phases; phase++)
            {
                Numbers[worker]++; // plain, so that only the barrier orders it
                pool.Barrier();
                for (var other = 0; other < pool.ThreadCount; other++)
                {
                    if (Numbers[other] != phase)
                        throw new NotSupportedException($"Thread {other} is at {Numbers[other]} in phase {phase}.");
                }

                pool.Barrier();
            }
        }
    }

    private struct FailingJob : IJob
    {
        public int Worker;
        public int Barriers;
        public int FailsBefore;

        public readonly void Run(WorkerPool pool, int worker)
        {
            for (var barrier = 0; barrier < Math.Max(1, Barriers); barrier++)
            {
                if (worker == Worker && barrier == FailsBefore)
                {
                    Thread.Sleep(1); // the others wait by then
                    throw new NotSupportedException("no luck");
                }

                if (Barriers > 0)
                    pool.Barrier();
            }
        }
    }
}
