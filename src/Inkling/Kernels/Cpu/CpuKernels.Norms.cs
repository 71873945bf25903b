using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Rows whose contributions to a column are added before they join the others: fixed, so that threads change nothing.
    private const int ColumnChunk = 64;

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
    {
        KernelChecks.LayerNorm(x, gain, bias, y, statistics);
        ForEach(
            x.Rows, RowGrain(x.Columns), new LayerNormBody(new(x), Floats(gain), Floats(bias), (float)epsilon, new(y), new(statistics), x.Columns));
    }

    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        KernelChecks.LayerNormBackward(x, gain, statistics, dy, dx, dGain, dBias);
        var chunks = ((x.Rows - 1) / ColumnChunk) + 1;
        float* gainSums = _shared.Floats(2L * chunks * x.Columns), biasSums = gainSums + ((long)chunks * x.Columns);
        ForEach(x.Rows, ColumnChunk, new LayerNormBackwardBody(
            new(x), Floats(gain), new(statistics), new(dy), new(dx), accumulateInput, gainSums, biasSums, x.Columns));
        AddChunks(gainSums, chunks, dGain, accumulateParameters);
        if (!dBias.IsNone)
        {
            AddChunks(biasSums, chunks, dBias, accumulateParameters);
        }
    }

    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
    {
        KernelChecks.LinearBackwardBias(dy, dBias);
        var chunks = ((dy.Rows - 1) / ColumnChunk) + 1;
        var sums = _shared.Floats((long)chunks * dy.Columns);
        ForEach(dy.Rows, ColumnChunk, new ColumnSumBody(new(dy), sums, dy.Columns));
        AddChunks(sums, chunks, dBias, accumulate);
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

    private readonly struct ColumnSumBody(MatrixRows x, float* sums, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            var chunkSums = sums + (from / ColumnChunk * columns);
            new Span<float>(chunkSums, columns).Clear();
            for (var row = from; row < to; row++)
            {
                AddRow(chunkSums, x[row], chunkSums, columns);
            }
        }
    }

    private readonly struct LayerNormBody(
        MatrixRows x, float* gain, float* bias, float epsilon, MatrixRows y, MatrixRows statistics, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                var (mean, r) = Moments(x[row]);
                statistics[row][0] = mean;
                statistics[row][1] = r;
                Normalize(x[row], y[row], V.Create(mean), V.Create(r));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private (float Mean, float R) Moments(float* row)
        {
            V sum0 = default, sum1 = default;
            var i = 0;
            for (; i <= columns - (2 * V.Count); i += 2 * V.Count)
            {
                sum0 += V.Load(row + i);
                sum1 += V.Load(row + i + V.Count);
            }

            for (; i < columns; i += V.Count)
            {
                sum0 += Load(row, i, columns);
            }

            var mean = V.Sum(sum0 + sum1) / columns;

            // The second pass sums the squares of the differences: no cancellation, whatever the mean.
            var center = V.Create(mean);
            V square0 = default, square1 = default;
            for (i = 0; i <= columns - (2 * V.Count); i += 2 * V.Count)
            {
                var d0 = V.Load(row + i) - center;
                var d1 = V.Load(row + i + V.Count) - center;
                square0 = V.MultiplyAdd(d0, d0, square0);
                square1 = V.MultiplyAdd(d1, d1, square1);
            }

            for (; i < columns; i += V.Count)
            {
                var d = KeepFirst(Load(row, i, columns) - center, columns - i);
                square0 = V.MultiplyAdd(d, d, square0);
            }

            return (mean, 1f / MathF.Sqrt((V.Sum(square0 + square1) / columns) + epsilon));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Normalize(float* from, float* to, V mean, V r)
        {
            for (var i = 0; i < columns; i += V.Count)
            {
                var normal = (Load(from, i, columns) - mean) * r;
                var shift = bias is null ? default : Load(bias, i, columns);
                Store(V.MultiplyAdd(normal, Load(gain, i, columns), shift), to, i, columns);
            }
        }
    }

    private readonly struct LayerNormBackwardBody(
        MatrixRows x, float* gain, MatrixRows statistics, MatrixRows dy, MatrixRows dx, bool accumulate, float* gainSums, float* biasSums, int columns)
        : IRangeBody
    {
        public void Run(long from, long to)
        {
            float* gainSum = gainSums + (from / ColumnChunk * columns), biasSum = biasSums + (from / ColumnChunk * columns);
            new Span<float>(gainSum, columns).Clear();
            new Span<float>(biasSum, columns).Clear();
            for (var row = from; row < to; row++)
            {
                Differentiate(x[row], dy[row], dx[row], V.Create(statistics[row][0]), V.Create(statistics[row][1]), gainSum, biasSum);
            }
        }

        /// <summary>With n the normalised input and g = dy·gain: dx = r·(g − mean(g) − n·mean(g·n)).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Differentiate(float* input, float* upstream, float* result, V mean, V r, float* gainSum, float* biasSum)
        {
            V sum = default, dot = default;
            for (var i = 0; i < columns; i += V.Count)
            {
                var n = (Load(input, i, columns) - mean) * r;
                var d = Load(upstream, i, columns);
                var g = d * Load(gain, i, columns);
                sum += g;
                dot = V.MultiplyAdd(g, n, dot);
                Store(V.MultiplyAdd(d, n, Load(gainSum, i, columns)), gainSum, i, columns);
                Store(d + Load(biasSum, i, columns), biasSum, i, columns);
            }

            var meanG = V.Create(V.Sum(sum) / columns);
            var meanGn = V.Create(V.Sum(dot) / columns);
            for (var i = 0; i < columns; i += V.Count)
            {
                var n = (Load(input, i, columns) - mean) * r;
                var g = Load(upstream, i, columns) * Load(gain, i, columns);
                var d = r * (g - meanG - (n * meanGn));
                Store(accumulate ? d + Load(result, i, columns) : d, result, i, columns);
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
