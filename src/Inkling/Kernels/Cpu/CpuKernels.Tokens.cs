using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate)
    {
        KernelChecks.Embed(indices, table, y);
        CheckIndices(indices, 0, table.Rows);
        ForEach(indices.Rows, RowGrain(table.Columns), new EmbedBody(new(indices), new(table), new(y), table.Columns, accumulate));
    }

    public void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate)
    {
        KernelChecks.EmbedBackward(indices, dy, dTable);
        CheckIndices(indices, 0, dTable.Rows);
        if (!accumulate)
        {
            Fill(dTable, 0);
        }

        // Threads share the columns, each of which adds the rows in their order.
        var grain = Math.Max(64, (((dTable.Columns - 1) / _pool.ThreadCount / 16) + 1) * 16);
        ForEach(dTable.Columns, grain, new EmbedBackwardBody(new(indices), indices.Rows, new(dy), new(dTable)));
    }

    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
    {
        KernelChecks.CrossEntropy(logits, targets, weights, losses, dLogits);
        CheckIndices(targets, -1, logits.Columns);
        ForEach(logits.Rows, RowGrain(logits.Columns), new CrossEntropyBody(
            new(logits), new(targets), new(weights), new(losses), new(dLogits), logits.Columns));
    }

    /// <summary>An index outside its table would reach other memory, so all are looked at first.</summary>
    private static void CheckIndices(MatrixView indices, int smallest, int count, [CallerMemberName] string operation = "")
    {
        var values = new IndexRows(indices);
        for (var row = 0; row < indices.Rows; row++)
        {
            if (values[row] < smallest || values[row] >= count)
            {
                KernelChecks.Index(values[row], count, operation);
            }
        }
    }

    private readonly struct EmbedBody(IndexRows indices, MatrixRows table, MatrixRows y, int columns, bool accumulate) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                var source = table[indices[row]];
                if (accumulate)
                {
                    AddRow(y[row], source, y[row], columns);
                }
                else
                {
                    MatrixRows.Copy(source, y[row], columns);
                }
            }
        }
    }

    private readonly struct EmbedBackwardBody(IndexRows indices, int rows, MatrixRows dy, MatrixRows dTable) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = 0; row < rows; row++)
            {
                var sum = dTable[indices[row]] + from;
                AddRow(sum, dy[row] + from, sum, (int)(to - from));
            }
        }
    }

    private readonly struct CrossEntropyBody(
        MatrixRows logits, IndexRows targets, MatrixRows weights, MatrixRows losses, MatrixRows dLogits, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                var target = targets[row];
                if (target < 0)
                {
                    *losses[row] = 0;
                    if (!dLogits.IsNone)
                    {
                        new Span<float>(dLogits[row], columns).Clear();
                    }

                    continue;
                }

                var weight = *weights[row];
                var largest = Largest(logits[row]);
                var sum = SumOfExponentials(logits[row], largest);
                *losses[row] = weight * (largest - logits[row][target] + MathF.Log(sum));
                if (!dLogits.IsNone)
                {
                    Gradient(logits[row], dLogits[row], largest, weight / sum);
                    dLogits[row][target] -= weight;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float Largest(float* row)
        {
            var largest = V.Create(float.NegativeInfinity);
            var i = 0;
            for (; i <= columns - V.Count; i += V.Count)
            {
                largest = V.Max(largest, V.Load(row + i));
            }

            var result = V.Largest(largest);
            for (; i < columns; i++)
            {
                result = MathF.Max(result, row[i]);
            }

            return result;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float SumOfExponentials(float* row, float largest)
        {
            var offset = V.Create(largest);
            V sum = default;
            for (var i = 0; i < columns; i += V.Count)
            {
                sum += KeepFirst(Simd.Exp(Load(row, i, columns) - offset), columns - i);
            }

            return V.Sum(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Gradient(float* row, float* gradient, float largest, float weight)
        {
            var offset = V.Create(largest);
            var factor = V.Create(weight);
            for (var i = 0; i < columns; i += V.Count)
            {
                Store(Simd.Exp(Load(row, i, columns) - offset) * factor, gradient, i, columns);
            }
        }
    }
}
