using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inkling.Kernels.Cpu.Emitted;

namespace Inkling.Kernels.Cpu;

/// <summary>What the processor can do at best, measured: the yardstick of every utilisation.</summary>
public static unsafe class CpuPeaks
{
    // Chains of dependent multiply-adds: 12 cover the latency (4 cycles) of two units with room to spare.
    private const int Chains = 12;
    private const int Repetitions = 2_000_000;
    private const int Rounds = 3;

    // Well beyond any last-level cache share of a few cores.
    private const long BytesPerThread = 128L << 20;

    /// <summary>What the products of a precision can reach at best: dot products of bfloat16 where the options allow them, else multiply-adds.</summary>
    /// <returns>GFLOP/s on all threads of the options; the best of several rounds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set.</exception>
    public static double Products(Precision precision, CpuOptions? options = null)
    {
        var (set, threads) = CpuKernels.Resolve(options);
        using var support = precision == Precision.Float32 ? null : Bfloat16Support.Find(set, options?.UsesMachineCode ?? true);
        return support?.Code is { } code ? DotProduct(code, threads) : FusedMultiplyAdd(set, threads);
    }

    /// <summary>Fused multiply-adds of all threads at once.</summary>
    /// <returns>GFLOP/s in float32, two operations per multiply-add; the best of several rounds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set.</exception>
    public static double FusedMultiplyAdd(InstructionSet set, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return CpuKernels.Resolve(set) switch
        {
            InstructionSet.Vector512 => FusedMultiplyAdd<Float512>(threads),
            InstructionSet.Vector256 => FusedMultiplyAdd<Float256>(threads),
            _ => FusedMultiplyAdd<Float128>(threads),
        };
    }

    /// <summary>Reading memory with all threads at once.</summary>
    /// <returns>GB/s (10⁹ bytes), the best of several rounds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    public static double ReadBandwidth(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var count = BytesPerThread / sizeof(float);
        using var buffer = new CpuBuffer(new CpuMemory(), DType.Float32, threads * count);
        // Memory that nobody wrote to is one page of zeros, which stays in the cache.
        NativeMemory.Fill(buffer.Pointer, (nuint)(BytesPerThread * threads), 1);
        using var pool = new WorkerPool(threads);
        var job = new ReadJob { Source = (float*)buffer.Pointer, Count = count };
        return Best(pool, ref job, (double)BytesPerThread * threads) / 1e9;
    }

    private static double FusedMultiplyAdd<V>(int threads)
        where V : unmanaged, ISimd<V>
    {
        using var pool = new WorkerPool(threads);
        var job = default(MultiplyAddJob<V>);
        return Best(pool, ref job, 2.0 * Chains * V.Count * Repetitions * threads) / 1e9;
    }

    private static double DotProduct(Bfloat16Code code, int threads)
    {
        using var pool = new WorkerPool(threads);
        var job = new DotProductJob { Function = code.Peak, Repetitions = Repetitions };
        return Best(pool, ref job, Bfloat16Code.PeakOperations * Repetitions * threads) / 1e9;
    }

    private static double Best<TJob>(WorkerPool pool, ref TJob job, double work)
        where TJob : unmanaged, IJob
    {
        double best = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            pool.Run(ref job);
            best = Math.Max(best, work / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private struct DotProductJob : IJob
    {
        public delegate* unmanaged<long*, void> Function;
        public long Repetitions;

        public readonly void Run(WorkerPool pool, int worker)
        {
            var repetitions = Repetitions;
            Function(&repetitions);
        }
    }

    private struct MultiplyAddJob<V> : IJob
        where V : unmanaged, ISimd<V>
    {
        public float Result;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(WorkerPool pool, int worker)
        {
            V a = V.Create(0.9999f), b = V.Create(0.0001f);
            V c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
            for (var i = 0; i < Repetitions; i++)
            {
                c0 = V.MultiplyAdd(c0, a, b);
                c1 = V.MultiplyAdd(c1, a, b);
                c2 = V.MultiplyAdd(c2, a, b);
                c3 = V.MultiplyAdd(c3, a, b);
                c4 = V.MultiplyAdd(c4, a, b);
                c5 = V.MultiplyAdd(c5, a, b);
                c6 = V.MultiplyAdd(c6, a, b);
                c7 = V.MultiplyAdd(c7, a, b);
                c8 = V.MultiplyAdd(c8, a, b);
                c9 = V.MultiplyAdd(c9, a, b);
                c10 = V.MultiplyAdd(c10, a, b);
                c11 = V.MultiplyAdd(c11, a, b);
            }

            // Used, so that the loop is not removed.
            Result = V.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
        }
    }

    private struct ReadJob : IJob
    {
        public float* Source;
        public long Count;
        public float Result;

        public void Run(WorkerPool pool, int worker)
        {
            var source = Source + (worker * Count);
            Result = Sum<Float128>(source);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly float Sum<V>(float* source)
            where V : unmanaged, ISimd<V>
        {
            V s0 = default, s1 = default, s2 = default, s3 = default;
            for (long i = 0; i < Count; i += 4 * V.Count)
            {
                s0 += V.Load(source + i);
                s1 += V.Load(source + i + V.Count);
                s2 += V.Load(source + i + (2 * V.Count));
                s3 += V.Load(source + i + (3 * V.Count));
            }

            return V.Sum(s0 + s1 + s2 + s3);
        }
    }
}
