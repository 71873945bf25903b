using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate)
    {
        KernelChecks.Embed(indices, table, y);
        CheckIndices(indices, 0, table.Rows);
        ForEach(indices.Rows, RowGrain(table.Columns), new EmbedBody
        {
            Indices = Integers(indices), IndexPitch = indices.Pitch, Table = Floats(table), TablePitch = table.Pitch,
            Y = Floats(y), Pitch = y.Pitch, Columns = table.Columns, Accumulate = accumulate,
        });
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
        ForEach(dTable.Columns, grain, new EmbedBackwardBody
        {
            Indices = Integers(indices), IndexPitch = indices.Pitch, Rows = indices.Rows, Dy = Floats(dy), DyPitch = dy.Pitch,
            Table = Floats(dTable), TablePitch = dTable.Pitch,
        });
    }

    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
    {
        KernelChecks.CrossEntropy(logits, targets, weights, losses, dLogits);
        CheckIndices(targets, -1, logits.Columns);
        ForEach(logits.Rows, RowGrain(logits.Columns), new CrossEntropyBody
        {
            Logits = Floats(logits), LogitsPitch = logits.Pitch, Columns = logits.Columns,
            Targets = Integers(targets), TargetPitch = targets.Pitch, Weights = Floats(weights), WeightPitch = weights.Pitch,
            Losses = Floats(losses), LossPitch = losses.Pitch, DLogits = Floats(dLogits), DLogitsPitch = dLogits.Pitch,
        });
    }

    /// <summary>An index outside its table would reach other memory, so all are looked at first.</summary>
    private static void CheckIndices(MatrixView indices, int smallest, int count, [CallerMemberName] string operation = "")
    {
        var values = Integers(indices);
        for (var row = 0; row < indices.Rows; row++)
        {
            var index = values[(long)row * indices.Pitch];
            if (index < smallest || index >= count)
            {
                KernelChecks.Index(index, count, operation);
            }
        }
    }

    private struct EmbedBody : IRangeBody
    {
        public int* Indices;
        public nint IndexPitch;
        public float* Table;
        public nint TablePitch;
        public float* Y;
        public nint Pitch;
        public int Columns;
        public bool Accumulate;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                float* source = Table + (Indices[row * IndexPitch] * TablePitch), y = Y + (row * Pitch);
                if (Accumulate)
                {
                    AddRow(y, source, y, Columns);
                }
                else
                {
                    Unsafe.CopyBlockUnaligned(y, source, (uint)Columns * sizeof(float));
                }
            }
        }
    }

    private struct EmbedBackwardBody : IRangeBody
    {
        public int* Indices;
        public nint IndexPitch;
        public int Rows;
        public float* Dy;
        public nint DyPitch;
        public float* Table;
        public nint TablePitch;

        public readonly void Run(long from, long to)
        {
            for (var row = 0; row < Rows; row++)
            {
                var sum = Table + (Indices[row * IndexPitch] * TablePitch) + from;
                AddRow(sum, Dy + (row * DyPitch) + from, sum, (int)(to - from));
            }
        }
    }

    private struct CrossEntropyBody : IRangeBody
    {
        public float* Logits;
        public nint LogitsPitch;
        public int Columns;
        public int* Targets;
        public nint TargetPitch;
        public float* Weights;
        public nint WeightPitch;
        public float* Losses;
        public nint LossPitch;
        public float* DLogits;
        public nint DLogitsPitch;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                var logits = Logits + (row * LogitsPitch);
                var gradient = DLogits is null ? null : DLogits + (row * DLogitsPitch);
                var target = Targets[row * TargetPitch];
                if (target < 0)
                {
                    Losses[row * LossPitch] = 0;
                    if (gradient is not null)
                    {
                        new Span<float>(gradient, Columns).Clear();
                    }

                    continue;
                }

                var weight = Weights[row * WeightPitch];
                var largest = Largest(logits);
                var logSum = largest + MathF.Log(SumOfExponentials(logits, largest));
                Losses[row * LossPitch] = weight * (logSum - logits[target]);
                if (gradient is not null)
                {
                    Gradient(logits, gradient, logSum, weight);
                    gradient[target] -= weight;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly float Largest(float* logits)
        {
            var largest = V.Create(float.NegativeInfinity);
            var i = 0;
            for (; i <= Columns - V.Count; i += V.Count)
            {
                largest = V.Max(largest, V.Load(logits + i));
            }

            var result = V.Largest(largest);
            for (; i < Columns; i++)
            {
                result = MathF.Max(result, logits[i]);
            }

            return result;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly float SumOfExponentials(float* logits, float largest)
        {
            var offset = V.Create(largest);
            V sum = default;
            for (var i = 0; i < Columns; i += V.Count)
            {
                sum += KeepFirst(Simd.Exp(Load(logits, i, Columns) - offset), Columns - i);
            }

            return V.Sum(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Gradient(float* logits, float* gradient, float logSum, float weight)
        {
            var offset = V.Create(logSum);
            var factor = V.Create(weight);
            for (var i = 0; i < Columns; i += V.Count)
            {
                Store(Simd.Exp(Load(logits, i, Columns) - offset) * factor, gradient, i, Columns);
            }
        }
    }
}
