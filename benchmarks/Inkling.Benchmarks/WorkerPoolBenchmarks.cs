using BenchmarkDotNet.Attributes;
using Inkling.Kernels.Cpu;

namespace Inkling.Benchmarks;

/// <summary>What it costs to run a job on all threads, beside the job's own work.</summary>
public class WorkerPoolBenchmarks
{
    private WorkerPool _pool = null!;

    [Params(1, 2, 4)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup() => _pool = new WorkerPool(Threads);

    [GlobalCleanup]
    public void Cleanup() => _pool.Dispose();

    [Benchmark]
    public void Dispatch()
    {
        var job = default(NoWork);
        _pool.Run(ref job);
    }

    [Benchmark]
    public void DispatchAndBarrier()
    {
        var job = default(OneBarrier);
        _pool.Run(ref job);
    }

    [Benchmark]
    public void DispatchAndSixteenPieces()
    {
        var job = default(SixteenPieces);
        _pool.Run(ref job);
    }

    private readonly struct NoWork : IJob
    {
        public void Run(WorkerPool pool, int worker)
        {
        }
    }

    private readonly struct OneBarrier : IJob
    {
        public void Run(WorkerPool pool, int worker) => pool.Barrier();
    }

    private readonly struct SixteenPieces : IJob
    {
        public void Run(WorkerPool pool, int worker)
        {
            while (pool.TryTake(worker, 16, out _))
            {
            }
        }
    }
}
