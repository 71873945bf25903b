using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Rows whose contributions to a column are added before they join the others: fixed, so that threads change nothing.
    private const int ColumnChunk = 64;

    /// <summary>What tells the norms apart, known to the JIT.</summary>
    private interface INorm
    {
        /// <summary>Whether the mean is subtracted first; it is then the first of two statistics, and there may be a bias.</summary>
        static abstract bool IsCentered { get; }
    }

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
    {
        KernelChecks.LayerNorm(x, gain, bias, y, statistics);
        Normalize<Centered>(x, gain, bias, epsilon, y, statistics);
    }

    public void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics)
    {
        KernelChecks.RmsNorm(x, gain, y, statistics);
        Normalize<Uncentered>(x, gain, default, epsilon, y, statistics);
    }

    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        KernelChecks.LayerNormBackward(x, gain, statistics, dy, dx, dGain, dBias);
        NormalizeBackward<Centered>(x, gain, statistics, dy, dx, accumulateInput, dGain, dBias, accumulateParameters);
    }

    public void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
    {
        KernelChecks.RmsNormBackward(x, gain, statistics, dy, dx, dGain);
        NormalizeBackward<Uncentered>(x, gain, statistics, dy, dx, accumulateInput, dGain, default, accumulateParameters);
    }

    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
    {
        KernelChecks.LinearBackwardBias(dy, dBias);
        var chunks = ColumnChunks(dy.Rows);
        var sums = _shared.Floats(BiasSums(dy.Rows, dy.Columns));
        ForEach(dy.Rows, ColumnChunk, new ColumnSumBody(new(dy), sums, dy.Columns));
        AddChunks(sums, chunks, dBias, accumulate);
    }

    /// <summary>Floats that the threads share for sums of columns: one row for each chunk.</summary>
    internal static long BiasSums(int rows, int columns) => (long)ColumnChunks(rows) * columns;

    /// <summary>The same for a gain and a bias.</summary>
    internal static long NormSums(int rows, int columns) => 2 * BiasSums(rows, columns);

    private static int ColumnChunks(int rows) => ((rows - 1) / ColumnChunk) + 1;

    private void Normalize<TNorm>(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
        where TNorm : struct, INorm
        => ForEach(
            x.Rows, RowGrain(x.Columns), new NormBody<TNorm>(new(x), Floats(gain), Floats(bias), (float)epsilon, new(y), new(statistics), x.Columns, gain.Columns));

    private void NormalizeBackward<TNorm>(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
        where TNorm : struct, INorm
    {
        var chunks = ColumnChunks(x.Rows);
        float* gainSums = _shared.Floats(NormSums(x.Rows, gain.Columns)), biasSums = dBias.IsNone ? null : gainSums + ((long)chunks * gain.Columns);
        ForEach(x.Rows, ColumnChunk, new NormBackwardBody<TNorm>(
            new(x), Floats(gain), new(statistics), new(dy), new(dx), accumulateInput, gainSums, biasSums, x.Columns, gain.Columns));
        AddChunks(gainSums, chunks, dGain, accumulateParameters);
        if (!dBias.IsNone)
        {
            AddChunks(biasSums, chunks, dBias, accumulateParameters);
        }
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

    private readonly struct Centered : INorm
    {
        public static bool IsCentered => true;
    }

    private readonly struct Uncentered : INorm
    {
        public static bool IsCentered => false;
    }

    /// <summary>Each group of columns by itself; a centered norm has one group.</summary>
    private readonly struct NormBody<TNorm>(
        MatrixRows x, float* gain, float* bias, float epsilon, MatrixRows y, MatrixRows statistics, int columns, int size) : IRangeBody
        where TNorm : struct, INorm
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                var saved = statistics[row];
                for (var column = 0; column < columns; column += size)
                {
                    var source = x[row] + column;
                    var mean = TNorm.IsCentered ? Mean(source) : 0;
                    var r = 1f / MathF.Sqrt(MeanSquare(source, mean) + epsilon);
                    if (TNorm.IsCentered)
                    {
                        *saved++ = mean;
                    }

                    *saved++ = r;
                    Normalize(source, y[row] + column, V.Create(mean), V.Create(r));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float Mean(float* row)
        {
            V sum0 = default, sum1 = default;
            var i = 0;
            for (; i <= size - (2 * V.Count); i += 2 * V.Count)
            {
                sum0 += V.Load(row + i);
                sum1 += V.Load(row + i + V.Count);
            }

            for (; i < size; i += V.Count)
            {
                sum0 += Load(row, i, size);
            }

            return V.Sum(sum0 + sum1) / size;
        }

        /// <summary>Mean of the squares of the differences from the mean, in a second pass: no cancellation, whatever the mean.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float MeanSquare(float* row, float mean)
        {
            var center = V.Create(mean);
            V square0 = default, square1 = default;
            var i = 0;
            for (; i <= size - (2 * V.Count); i += 2 * V.Count)
            {
                var d0 = V.Load(row + i) - center;
                var d1 = V.Load(row + i + V.Count) - center;
                square0 = V.MultiplyAdd(d0, d0, square0);
                square1 = V.MultiplyAdd(d1, d1, square1);
            }

            for (; i < size; i += V.Count)
            {
                var d = KeepFirst(Load(row, i, size) - center, size - i);
                square0 = V.MultiplyAdd(d, d, square0);
            }

            return V.Sum(square0 + square1) / size;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Normalize(float* from, float* to, V mean, V r)
        {
            for (var i = 0; i < size; i += V.Count)
            {
                var normal = (Load(from, i, size) - mean) * r;
                var shift = bias is null ? default : Load(bias, i, size);
                Store(V.MultiplyAdd(normal, Load(gain, i, size), shift), to, i, size);
            }
        }
    }

    private readonly struct NormBackwardBody<TNorm>(
        MatrixRows x, float* gain, MatrixRows statistics, MatrixRows dy, MatrixRows dx, bool accumulate,
        float* gainSums, float* biasSums, int columns, int size) : IRangeBody
        where TNorm : struct, INorm
    {
        public void Run(long from, long to)
        {
            var sums = from / ColumnChunk * size;
            float* gainSum = gainSums + sums, biasSum = biasSums is null ? null : biasSums + sums;
            new Span<float>(gainSum, size).Clear();
            if (biasSum is not null)
            {
                new Span<float>(biasSum, size).Clear();
            }

            for (var row = from; row < to; row++)
            {
                var saved = statistics[row];
                for (var column = 0; column < columns; column += size)
                {
                    var mean = TNorm.IsCentered ? *saved++ : 0;
                    var r = *saved++;
                    Differentiate(x[row] + column, dy[row] + column, dx[row] + column, V.Create(mean), V.Create(r), gainSum, biasSum);
                }
            }
        }

        /// <summary>With n the normalised input and g = dy·gain: dx = r·(g − mean(g) − n·mean(g·n)), without mean(g) where n is not centered.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Differentiate(float* input, float* upstream, float* result, V mean, V r, float* gainSum, float* biasSum)
        {
            V sum = default, dot = default;
            for (var i = 0; i < size; i += V.Count)
            {
                var n = (Load(input, i, size) - mean) * r;
                var d = Load(upstream, i, size);
                var g = d * Load(gain, i, size);
                sum += g;
                dot = V.MultiplyAdd(g, n, dot);
                Store(V.MultiplyAdd(d, n, Load(gainSum, i, size)), gainSum, i, size);
                if (biasSum is not null)
                {
                    Store(d + Load(biasSum, i, size), biasSum, i, size);
                }
            }

            var meanG = TNorm.IsCentered ? V.Create(V.Sum(sum) / size) : default;
            var meanGn = V.Create(V.Sum(dot) / size);
            for (var i = 0; i < size; i += V.Count)
            {
                var n = (Load(input, i, size) - mean) * r;
                var g = Load(upstream, i, size) * Load(gain, i, size);
                var d = r * (g - meanG - (n * meanGn));
                Store(accumulate ? d + Load(result, i, size) : d, result, i, size);
            }
        }
    }

    /// <summary>Lanes i, i + 1, … of a row of <paramref name="count"/>; zero beyond its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* row, int i, int count) => i <= count - V.Count ? V.Load(row + i) : V.LoadPart(row + i, count - i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V value, float* row, int i, int count)
    {
        if (i <= count - V.Count)
        {
            V.Store(value, row + i);
        }
        else
        {
            V.StorePart(value, row + i, count - i);
        }
    }

    /// <summary>The first <paramref name="count"/> lanes, zero in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V KeepFirst(V value, int count)
        => count >= V.Count ? value : V.AtLeastBits(V.CreateBits((uint)(count - 1)), V.LaneNumbers) & value;
}
