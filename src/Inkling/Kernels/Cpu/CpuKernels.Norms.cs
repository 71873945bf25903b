using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Rows whose contributions to a column are added before they join the others: fixed, so that threads change nothing.
    private const int ColumnChunk = 64;

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
    {
        KernelChecks.LayerNorm(x, gain, bias, y, statistics);
        ForEach(x.Rows, RowGrain(x.Columns), new LayerNormBody
        {
            X = Floats(x), XPitch = x.Pitch, Gain = Floats(gain), Bias = Floats(bias), Epsilon = (float)epsilon, Y = Floats(y), YPitch = y.Pitch,
            Statistics = Floats(statistics), StatisticsPitch = statistics.Pitch, Columns = x.Columns,
        });
    }

    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        KernelChecks.LayerNormBackward(x, gain, statistics, dy, dx, dGain, dBias);
        var chunks = ((x.Rows - 1) / ColumnChunk) + 1;
        var partial = _shared.Floats(2L * chunks * x.Columns);
        ForEach(x.Rows, ColumnChunk, new LayerNormBackwardBody
        {
            X = Floats(x), XPitch = x.Pitch, Gain = Floats(gain), Statistics = Floats(statistics), StatisticsPitch = statistics.Pitch,
            Dy = Floats(dy), DyPitch = dy.Pitch, Dx = Floats(dx), DxPitch = dx.Pitch, Accumulate = accumulateInput,
            GainSums = partial, BiasSums = partial + ((long)chunks * x.Columns), Columns = x.Columns,
        });
        AddChunks(partial, chunks, dGain, accumulateParameters);
        if (!dBias.IsNone)
        {
            AddChunks(partial + ((long)chunks * x.Columns), chunks, dBias, accumulateParameters);
        }
    }

    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
    {
        KernelChecks.LinearBackwardBias(dy, dBias);
        var chunks = ((dy.Rows - 1) / ColumnChunk) + 1;
        var partial = _shared.Floats((long)chunks * dy.Columns);
        ForEach(dy.Rows, ColumnChunk, new ColumnSumBody { X = Floats(dy), Pitch = dy.Pitch, Sums = partial, Columns = dy.Columns });
        AddChunks(partial, chunks, dBias, accumulate);
    }

    /// <summary>Adds the sums of the chunks in their order.</summary>
    private static void AddChunks(float* partial, int chunks, MatrixView destination, bool accumulate)
    {
        var sums = Floats(destination);
        if (!accumulate)
        {
            new Span<float>(sums, destination.Columns).Clear();
        }

        for (var chunk = 0; chunk < chunks; chunk++)
        {
            AddRow(sums, partial + ((long)chunk * destination.Columns), sums, destination.Columns);
        }
    }

    private struct ColumnSumBody : IRangeBody
    {
        public float* X;
        public nint Pitch;
        public float* Sums;
        public int Columns;

        public readonly void Run(long from, long to)
        {
            var sums = Sums + (from / ColumnChunk * Columns);
            new Span<float>(sums, Columns).Clear();
            for (var row = from; row < to; row++)
            {
                AddRow(sums, X + (row * Pitch), sums, Columns);
            }
        }
    }

    private struct LayerNormBody : IRangeBody
    {
        public float* X;
        public nint XPitch;
        public float* Gain;
        public float* Bias;
        public float Epsilon;
        public float* Y;
        public nint YPitch;
        public float* Statistics;
        public nint StatisticsPitch;
        public int Columns;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                var x = X + (row * XPitch);
                var (mean, r) = Moments(x);
                Statistics[row * StatisticsPitch] = mean;
                Statistics[(row * StatisticsPitch) + 1] = r;
                Normalize(x, Y + (row * YPitch), V.Create(mean), V.Create(r));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly (float Mean, float R) Moments(float* x)
        {
            V sum0 = default, sum1 = default;
            var i = 0;
            for (; i <= Columns - (2 * V.Count); i += 2 * V.Count)
            {
                sum0 += V.Load(x + i);
                sum1 += V.Load(x + i + V.Count);
            }

            for (; i < Columns; i += V.Count)
            {
                sum0 += Load(x, i, Columns);
            }

            var mean = V.Sum(sum0 + sum1) / Columns;

            // The second pass sums the squares of the differences: no cancellation, whatever the mean.
            var center = V.Create(mean);
            V square0 = default, square1 = default;
            for (i = 0; i <= Columns - (2 * V.Count); i += 2 * V.Count)
            {
                var d0 = V.Load(x + i) - center;
                var d1 = V.Load(x + i + V.Count) - center;
                square0 = V.MultiplyAdd(d0, d0, square0);
                square1 = V.MultiplyAdd(d1, d1, square1);
            }

            for (; i < Columns; i += V.Count)
            {
                var d = KeepFirst(Load(x, i, Columns) - center, Columns - i);
                square0 = V.MultiplyAdd(d, d, square0);
            }

            return (mean, 1f / MathF.Sqrt((V.Sum(square0 + square1) / Columns) + Epsilon));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Normalize(float* x, float* y, V mean, V r)
        {
            for (var i = 0; i < Columns; i += V.Count)
            {
                var normal = (Load(x, i, Columns) - mean) * r;
                var bias = Bias is null ? default : Load(Bias, i, Columns);
                Store(V.MultiplyAdd(normal, Load(Gain, i, Columns), bias), y, i, Columns);
            }
        }
    }

    private struct LayerNormBackwardBody : IRangeBody
    {
        public float* X;
        public nint XPitch;
        public float* Gain;
        public float* Statistics;
        public nint StatisticsPitch;
        public float* Dy;
        public nint DyPitch;
        public float* Dx;
        public nint DxPitch;
        public bool Accumulate;
        public float* GainSums;
        public float* BiasSums;
        public int Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long from, long to)
        {
            var gainSums = GainSums + (from / ColumnChunk * Columns);
            var biasSums = BiasSums + (from / ColumnChunk * Columns);
            new Span<float>(gainSums, Columns).Clear();
            new Span<float>(biasSums, Columns).Clear();
            for (var row = from; row < to; row++)
            {
                float* x = X + (row * XPitch), dy = Dy + (row * DyPitch), dx = Dx + (row * DxPitch);
                var mean = V.Create(Statistics[row * StatisticsPitch]);
                var r = V.Create(Statistics[(row * StatisticsPitch) + 1]);

                // With n the normalised input and g = dy·gain: dx = r·(g − mean(g) − n·mean(g·n)).
                V sum = default, dot = default;
                for (var i = 0; i < Columns; i += V.Count)
                {
                    var n = (Load(x, i, Columns) - mean) * r;
                    var d = Load(dy, i, Columns);
                    var g = d * Load(Gain, i, Columns);
                    sum += g;
                    dot = V.MultiplyAdd(g, n, dot);
                    Store(V.MultiplyAdd(d, n, Load(gainSums, i, Columns)), gainSums, i, Columns);
                    Store(d + Load(biasSums, i, Columns), biasSums, i, Columns);
                }

                var meanG = V.Create(V.Sum(sum) / Columns);
                var meanGn = V.Create(V.Sum(dot) / Columns);
                for (var i = 0; i < Columns; i += V.Count)
                {
                    var n = (Load(x, i, Columns) - mean) * r;
                    var g = Load(dy, i, Columns) * Load(Gain, i, Columns);
                    var d = r * (g - meanG - (n * meanGn));
                    Store(Accumulate ? d + Load(dx, i, Columns) : d, dx, i, Columns);
                }
            }
        }
    }

    /// <summary>Lanes i, i + 1, … of a row of <paramref name="count"/>; zero beyond its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* row, int i, int count) => i <= count - V.Count ? V.Load(row + i) : Simd.LoadPart<V>(row + i, count - i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V value, float* row, int i, int count)
    {
        if (i <= count - V.Count)
        {
            V.Store(value, row + i);
        }
        else
        {
            Simd.StorePart(value, row + i, count - i);
        }
    }

    /// <summary>The first <paramref name="count"/> lanes, zero in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V KeepFirst(V value, int count)
        => count >= V.Count ? value : V.AtLeastBits(V.CreateBits((uint)(count - 1)), V.LaneNumbers) & value;
}
