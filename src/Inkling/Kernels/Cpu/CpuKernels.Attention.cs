using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <content>
/// Attention with queries in the lanes. A block of 2W queries of one head is packed once; its scores then lie transposed,
/// (keys, 2W), which is just the packed form that the next product wants. Maximum, sum and mask act per lane, key after key
/// in the order of position, so what a query gets depends on no other query, on no block and on no cache. Keys and values of a head are copied together
/// first, since in the packed matrix each lies on a page of its own. Scratch is a few times keys × (D + 2W) floats per thread, where only the keys
/// count that a block can see: what the mask hides from a whole block is never computed.
/// </content>
internal sealed unsafe partial class CpuKernels<V>
{
    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        KernelChecks.Attention(shape, q, k, v, y, logSumExp);
        var operands = new AttentionOperands(shape, q, k, v, y, logSumExp, dropout);
        switch (FormatOf(shape.Precision))
        {
            case OperandFormat.Paired:
                Attend(new AttentionOperands<PairedOperands<V>>(new(_bfloat16.Value.Code!.Functions), operands));
                break;
            case OperandFormat.Rounded:
                Attend(new AttentionOperands<RoundedOperands<V>>(default, operands));
                break;
            default:
                Attend(new AttentionOperands<Float32Operands<V>>(default, operands));
                break;
        }
    }

    private void Attend<TFormat>(in AttentionOperands<TFormat> operands)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var job = new AttentionJob<TFormat> { Operands = operands, ScratchSize = AttentionScratch(operands.Shape) };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(Work(operands.Shape)).Run(ref job);
    }

    /// <summary>Elements that each thread has for its scores and accumulators, and for keys and values of a head.</summary>
    internal static long AttentionScratch(in AttentionShape shape)
        => (Tiles<V>.Width * (MostKeys(shape, Tiles<V>.Width) + (2 * shape.HeadSize) + 2)) + (2 * MostKeys(shape, shape.QueryCount) * shape.HeadSize);

    private static long Work(in AttentionShape shape)
        => MostKeys(shape, 1) * shape.BatchSize * shape.HeadCount * shape.QueryCount * shape.HeadSize;

    /// <summary>A bound on the keys that some neighbouring queries of a sequence see together, with one more at each end to make whole pairs.</summary>
    private static long MostKeys(in AttentionShape shape, int queries)
        => shape.Window > 0 ? Math.Min(shape.KeyCount, (long)shape.Window + queries + 1) : shape.KeyCount;

    /// <summary>
    /// The keys [From, End) that a block of queries sees, or in some formats whole pairs of keys. [AllFrom, AllEnd) are seen by all of its queries, and need no mask; where the block is
    /// longer than the window there are none.
    /// </summary>
    private readonly struct VisibleKeys
    {
        private readonly uint _window;
        private readonly int _position;

        public VisibleKeys(in AttentionShape shape, int query, int queries, bool inPairs)
        {
            (From, End) = (shape.FirstKey(query), shape.EndKey(query + queries - 1));
            AllFrom = Math.Min(shape.FirstKey(query + queries - 1), End);
            AllEnd = Math.Max(shape.EndKey(query), AllFrom);
            if (inPairs)
            {
                (From, End) = (From & ~1, Math.Min((End + 1) & ~1, shape.KeyCount));
            }

            _position = shape.QueryOffset + query;
            _window = shape.Window > 0 ? (uint)shape.Window : int.MaxValue;
        }

        public int From { get; }

        public int AllFrom { get; }

        public int AllEnd { get; }

        public int End { get; }

        public int Count => End - From;

        /// <summary>Minus infinity where a query must not see the key: where the way back to it is negative, or not shorter than the window.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Hide(V score, int key, int lane)
        {
            var back = V.AddBits(V.LaneNumbers, V.CreateBits((uint)(_position + lane - key)));
            return V.Select(V.AtLeastBits(V.CreateBits(_window - 1), back), score, V.Create(float.NegativeInfinity));
        }
    }

    private readonly struct AttentionOperands(
        in AttentionShape shape, in MatrixView q, in MatrixView k, in MatrixView v, in MatrixView y, in MatrixView logSumExp, Dropout dropout)
    {
        public readonly AttentionShape Shape = shape;
        public readonly MatrixRows Queries = new(q);
        public readonly MatrixRows Keys = new(k);
        public readonly MatrixRows Values = new(v);
        public readonly MatrixRows Output = new(y);
        public readonly MatrixRows LogSumExp = new(logSumExp);
        public readonly Dropout Dropout = dropout;
    }

    private readonly struct AttentionOperands<TFormat>(TFormat format, in AttentionOperands operands)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public readonly TFormat Format = format;
        public readonly AttentionShape Shape = operands.Shape;
        public readonly MatrixRows Queries = operands.Queries;
        public readonly MatrixRows Keys = operands.Keys;
        public readonly MatrixRows Values = operands.Values;
        public readonly MatrixRows Output = operands.Output;
        public readonly MatrixRows LogSumExp = operands.LogSumExp;
        public readonly Dropout Dropout = operands.Dropout;

        public static int Block => Tiles<V>.Width;

        public int BlockCount => ((Shape.QueryCount - 1) / Block) + 1;

        public int QueriesPerKeyHead => Shape.HeadCount / Shape.KeyHeadCount;

        /// <summary>Steps of a dot product of a query and a key.</summary>
        public int HeadSteps => Packing<V>.Steps<TFormat>(Shape.HeadSize);

        public VisibleKeys Visible(int query, int queries) => new(Shape, query, queries, inPairs: !TFormat.ReadsInPlace);

        /// <summary>Some rows of keys or values with their elements as terms; the result has one row for each.</summary>
        public MatrixRows PackRows(in MatrixRows rows, int count, float* destination)
        {
            Format.PackRows(rows.Start, rows.Pitch, count, Shape.HeadSize, destination, HeadSteps);
            return new(destination, HeadSteps);
        }

        /// <summary>Some rows of keys or values as terms; the result has one row for each step.</summary>
        public MatrixRows PackColumns(in MatrixRows rows, int count, float* destination)
        {
            Format.PackColumns(rows.Start, rows.Pitch, count, Shape.HeadSize, destination, Shape.HeadSize);
            return new(destination, Shape.HeadSize);
        }

        /// <summary>Packs what lies for each key in the lanes of a block, the keys as terms; where it lies.</summary>
        public void PackLanes(float* lanes, int keys)
        {
            if (!TFormat.ReadsInPlace)
            {
                Format.PackColumns(lanes, Block, keys, Block, lanes, Block);
            }
        }

        /// <summary>scores (keys, 2W) = packed rows (keys, D) · panel (D, 2W).</summary>
        public void RowsTimesPanel(in MatrixRows rows, float* panel, int keys, float* scores)
        {
            var tile = new Tile
            {
                A = rows.Start,
                RowStride = rows.Pitch,
                StepStride = 1,
                PanelStride = Tiles<V>.Width,
                B = panel,
                Depth = HeadSteps,
                C = scores,
                Pitch = Block,
            };
            Format.Multiply(tile, keys, Block);
        }

        /// <summary>result (D, 2W) = packed columnsᵀ (D, keys) · packed lanes (keys, 2W).</summary>
        public void ColumnsTimesLanes(in MatrixRows columns, float* lanes, int keys, float* result)
        {
            var tile = new Tile
            {
                A = columns.Start,
                RowStride = 1,
                StepStride = columns.Pitch,
                PanelStride = Tiles<V>.Width,
                B = lanes,
                Depth = Packing<V>.Steps<TFormat>(keys),
                C = result,
                Pitch = Block,
            };
            Format.Multiply(tile, Shape.HeadSize, Block);
        }

        /// <summary>For the lanes from a query on: its number among all (sequence, head, query), which fixes what is dropped.</summary>
        public V DropoutRows(int sequenceHead, int query)
            => V.AddBits(V.CreateBits(Dropout.FirstRow + ((uint)sequenceHead * (uint)Shape.QueryCount) + (uint)query), V.LaneNumbers);
    }

    private struct AttentionJob<TFormat> : IJob
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public AttentionOperands<TFormat> Operands;
        public float* Scratch;
        public long ScratchSize;

        private static int Width => Tiles<V>.Width;

        public void Run(WorkerPool pool, int worker)
        {
            var shape = Operands.Shape;
            var heads = shape.BatchSize * shape.HeadCount;
            var blocks = Operands.BlockCount;

            // A head by itself, so that its keys are packed once; or fewer blocks, where there are too few heads for the threads.
            var blocksPerPiece = (int)Math.Clamp((long)heads * blocks / (PiecesPerThread * pool.ThreadCount), 1, blocks);
            var groups = ((blocks - 1) / blocksPerPiece) + 1;
            while (pool.TryTake(worker, heads, groups, out var head, out var group))
            {
                // The last blocks see the most keys: begin with them, so that the threads finish together.
                var last = blocks - (group * blocksPerPiece);
                Attend(head, Math.Max(0, last - blocksPerPiece), last, Scratch + (worker * ScratchSize));
            }
        }

        /// <summary>Blocks of queries [from, to) of one head.</summary>
        private readonly void Attend(int sequenceHead, int from, int to, float* scratch)
        {
            var shape = Operands.Shape;
            var (sequence, head) = Math.DivRem(sequenceHead, shape.HeadCount);
            var (firstKey, keyColumn) = ((nint)sequence * shape.KeyCapacity, head / Operands.QueriesPerKeyHead * shape.HeadSize);
            MatrixRows k = Operands.Keys.From(firstKey, keyColumn), v = Operands.Values.From(firstKey, keyColumn);
            var first = 0;
            if (to - from > 1 || !TFormat.ReadsInPlace)
            {
                var keys = Operands.Visible(from * Width, Math.Min(to * Width, shape.QueryCount) - (from * Width));
                var plane = (nint)keys.Count * shape.HeadSize;
                k = Operands.PackRows(k.From(keys.From, 0), keys.Count, scratch);
                v = Operands.PackColumns(v.From(keys.From, 0), keys.Count, scratch + plane);
                first = keys.From;
                scratch += 2 * plane;
            }

            for (var block = from; block < to; block++)
            {
                Attend(sequence, head, block * Width, Math.Min(Width, shape.QueryCount - (block * Width)), k, v, first, scratch);
            }
        }

        /// <summary>One block of queries; k and v are packed from key <paramref name="first"/> on.</summary>
        private readonly void Attend(int sequence, int head, int query, int queries, in MatrixRows k, in MatrixRows v, int first, float* scratch)
        {
            var shape = Operands.Shape;
            var size = shape.HeadSize;
            var sequenceHead = (sequence * shape.HeadCount) + head;
            var keys = Operands.Visible(query, queries);
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            float* sums = scratch, logs = sums + Width, panel = logs + Width, result = panel + (Width * size), scores = result + (Width * size);

            Packing<V>.PackTransposed(Operands.Format, Operands.Queries[firstQuery] + (head * size), Operands.Queries.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(k.From(keys.From - first, 0), panel, keys.Count, scores);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var (largest, sum) = Exponentials(scores + lane, keys, lane);
                if (Operands.Dropout.IsActive)
                {
                    Drop(scores + lane, keys, Operands.DropoutRows(sequenceHead, query + lane));
                }

                V.Store(sum, sums + lane);
                V.Store(largest * V.Create((float)shape.Scale), logs + lane);
            }

            Operands.PackLanes(scores, keys.Count);
            Operands.ColumnsTimesLanes(v.From((keys.From - first) / TFormat.TermsPerStep, 0), scores, keys.Count, result);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                Scale(result + lane, V.Create(1f) / V.Load(sums + lane));
            }

            Transposition.Copy(result, Width, Operands.Output[firstQuery] + (head * size), Operands.Output.Pitch, size, queries);
            if (Operands.LogSumExp.Start is not null)
            {
                for (var i = 0; i < queries; i++)
                {
                    Operands.LogSumExp[sequenceHead][query + i] = logs[i] + MathF.Log(sums[i]);
                }
            }
        }

        /// <summary>Replaces scores by exp(scale·(score − largest)) and returns the largest and the sum of each lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly (V Largest, V Sum) Exponentials(float* scores, VisibleKeys keys, int lane)
        {
            // First what is called, then the loops: across a call the JIT would keep their vectors in memory, as it does with a struct of this size.
            var scale = V.Create((float)Operands.Shape.Scale);
            var (count, allFrom, allEnd) = (keys.Count, keys.AllFrom - keys.From, keys.AllEnd - keys.From);
            // What is no number need not be the largest: it makes its weight none, and so the sum.
            var largest = V.MaxNative(Hide(scores, keys, keys.From, keys.AllFrom, lane), Hide(scores, keys, keys.AllEnd, keys.End, lane));
            for (var i = allFrom; i < allEnd; i++)
            {
                largest = V.MaxNative(V.Load(scores + (i * Width)), largest);
            }

            V sum = default;
            for (var i = 0; i < count; i++)
            {
                var weight = Simd.Exp((V.Load(scores + (i * Width)) - largest) * scale);
                V.Store(weight, scores + (i * Width));
                sum += weight;
            }

            return (largest, sum);
        }

        /// <summary>Hides the keys [from, end) where they must not be seen, and returns the largest score of each lane among them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Hide(float* scores, VisibleKeys keys, int from, int end, int lane)
        {
            var largest = V.Create(float.NegativeInfinity);
            for (var key = from; key < end; key++)
            {
                var score = scores + ((key - keys.From) * Width);
                var hidden = keys.Hide(V.Load(score), key, lane);
                V.Store(hidden, score);
                largest = V.MaxNative(hidden, largest);
            }

            return largest;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Drop(float* weights, VisibleKeys keys, V queryRows)
        {
            var mask = new DropoutMask<V>(Operands.Dropout);
            V f0 = default, f1 = default, f2 = default, f3 = default;
            for (var key = keys.From & ~3; key < keys.End; key++)
            {
                if (key % 4 == 0)
                {
                    mask.Factors(V.CreateBits((uint)key / 4), queryRows, out f0, out f1, out f2, out f3);
                }

                if (key >= keys.From)
                {
                    var weight = weights + ((key - keys.From) * Width);
                    V.Store(V.Load(weight) * f0, weight);
                }

                (f0, f1, f2) = (f1, f2, f3);
            }
        }

        private readonly void Scale(float* lanes, V factor)
        {
            for (var d = 0; d < Operands.Shape.HeadSize; d++)
            {
                V.Store(V.Load(lanes + (d * Width)) * factor, lanes + (d * Width));
            }
        }
    }
}
