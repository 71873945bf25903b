namespace Inkling.Kernels.Cpu;

/// <summary>Work for every thread of a <see cref="WorkerPool"/>; lives on the caller's stack while it runs.</summary>
internal interface IJob
{
    /// <summary>Does this thread's part; <paramref name="worker"/> is 0 for the caller.</summary>
    void Run(WorkerPool pool, int worker);
}
