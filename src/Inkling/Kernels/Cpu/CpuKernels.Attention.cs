using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <content>
/// Attention with queries in the lanes. A block of 2W queries of one head is packed once; its scores then lie transposed,
/// (keys, 2W), which is just the packed form that the next product wants. Maximum, sum and mask act per lane, key after key
/// from position 0, so what a query gets depends on no other query, on no block and on no cache. Keys and values of a head are copied together
/// first, since in the packed matrix each lies on a page of its own. Scratch is a few times keys × (D + 2W) floats per thread, and blocks that
/// the mask hides are never computed.
/// </content>
internal sealed unsafe partial class CpuKernels<V>
{
    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        KernelChecks.Attention(shape, q, k, v, y, logSumExp);
        var job = new AttentionJob
        {
            Operands = new AttentionOperands(shape, q, k, v, y, logSumExp, dropout),
            ScratchSize = ((long)Tiles<V>.Width * (shape.KeyCount + (2 * shape.HeadSize) + 2)) + (2L * shape.KeyCount * shape.HeadSize),
        };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(Work(shape)).Run(ref job);
    }

    public void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        KernelChecks.AttentionBackward(shape, q, k, v, y, logSumExp, dy, dq, dk, dv);
        var job = new AttentionBackwardJob
        {
            Operands = new AttentionOperands(shape, q, k, v, y, logSumExp, dropout),
            OutputGradient = new MatrixRows(dy),
            QueryGradient = new MatrixRows(dq),
            KeyGradient = new MatrixRows(dk),
            ValueGradient = new MatrixRows(dv),
            ScratchSize = ((long)Tiles<V>.Width * ((2 * shape.KeyCount) + (2 * shape.HeadSize) + 1 + Tiles<V>.Width)) + (4L * shape.KeyCount * shape.HeadSize),
        };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(Work(shape)).Run(ref job);
    }

    private static long Work(in AttentionShape shape)
        => (long)shape.BatchSize * shape.HeadCount * shape.QueryCount * shape.KeyCount * shape.HeadSize;

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

        public static int Block => Tiles<V>.Width;

        public int BlockCount => ((Shape.QueryCount - 1) / Block) + 1;

        public int QueriesPerKeyHead => Shape.HeadCount / Shape.KeyHeadCount;

        /// <summary>scores (keys, 2W) = rows (keys, D) · panel (D, 2W).</summary>
        public void RowsTimesPanel(in MatrixRows rows, float* panel, int keys, float* scores)
        {
            var tile = new Tile
            {
                A = rows.Start,
                RowStride = rows.Pitch,
                StepStride = 1,
                PanelStride = Tiles<V>.Width,
                B = panel,
                Depth = Shape.HeadSize,
                C = scores,
                Pitch = Block,
            };
            Tiles<V>.Multiply(tile, keys, Block);
        }

        /// <summary>result (D, 2W) = rowsᵀ (D, keys) · lanes (keys, 2W).</summary>
        public void ColumnsTimesLanes(in MatrixRows rows, float* lanes, int keys, float* result)
        {
            var tile = new Tile
            {
                A = rows.Start,
                RowStride = 1,
                StepStride = rows.Pitch,
                PanelStride = Tiles<V>.Width,
                B = lanes,
                Depth = keys,
                C = result,
                Pitch = Block,
            };
            Tiles<V>.Multiply(tile, Shape.HeadSize, Block);
        }

        /// <summary>Keys that every query of a block sees; beyond them, key j is seen by the lanes from j + 1 − this on.</summary>
        public int KeysForAll(int query, int keys) => Shape.Causal ? Math.Min(keys, Shape.QueryOffset + query + 1) : keys;

        /// <summary>For the lanes from a query on: its number among all (sequence, head, query), which fixes what is dropped.</summary>
        public V DropoutRows(int sequenceHead, int query)
            => V.AddBits(V.CreateBits(Dropout.FirstRow + ((uint)sequenceHead * (uint)Shape.QueryCount) + (uint)query), V.LaneNumbers);

        /// <summary>Minus infinity in the lanes that must not see a key.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Hide(V score, int firstSeeing, int lane)
            => V.Select(
                V.AtLeastBits(V.AddBits(V.LaneNumbers, V.CreateBits((uint)lane)), V.CreateBits((uint)firstSeeing)),
                score,
                V.Create(float.NegativeInfinity));
    }

    private struct AttentionJob : IJob
    {
        public AttentionOperands Operands;
        public float* Scratch;
        public long ScratchSize;

        private static int Width => Tiles<V>.Width;

        public void Run(WorkerPool pool, int worker)
        {
            var shape = Operands.Shape;
            var heads = shape.BatchSize * shape.HeadCount;
            var blocks = Operands.BlockCount;

            // A head by itself, so that its keys are copied once; or a block, where there are too few heads for the threads.
            var blocksPerTicket = heads >= PiecesPerThread * pool.ThreadCount ? blocks : 1;
            for (var ticket = pool.NextTicket(); ticket < heads * (blocks / blocksPerTicket); ticket = pool.NextTicket())
            {
                // The last blocks see the most keys: begin with them, so that the threads finish together.
                var last = blocks - (ticket / heads * blocksPerTicket);
                Attend(ticket % heads, last - blocksPerTicket, last, Scratch + (worker * ScratchSize));
            }
        }

        /// <summary>Blocks of queries [from, to) of one head.</summary>
        private readonly void Attend(int sequenceHead, int from, int to, float* scratch)
        {
            var shape = Operands.Shape;
            var (sequence, head) = Math.DivRem(sequenceHead, shape.HeadCount);
            var (firstKey, keyColumn) = ((nint)sequence * shape.KeyCapacity, head / Operands.QueriesPerKeyHead * shape.HeadSize);
            MatrixRows k = Operands.Keys.From(firstKey, keyColumn), v = Operands.Values.From(firstKey, keyColumn);
            if (to - from > 1)
            {
                var keys = shape.VisibleKeys(Math.Min(to * Width, shape.QueryCount) - 1);
                MatrixRows keyCopy = new(scratch, shape.HeadSize), valueCopy = new(scratch + ((long)keys * shape.HeadSize), shape.HeadSize);
                k.CopyTo(keyCopy, keys, shape.HeadSize);
                v.CopyTo(valueCopy, keys, shape.HeadSize);
                (k, v) = (keyCopy, valueCopy);
                scratch += 2L * keys * shape.HeadSize;
            }

            for (var block = from; block < to; block++)
            {
                Attend(sequence, head, block * Width, Math.Min(Width, shape.QueryCount - (block * Width)), k, v, scratch);
            }
        }

        private readonly void Attend(int sequence, int head, int query, int queries, in MatrixRows k, in MatrixRows v, float* scratch)
        {
            var shape = Operands.Shape;
            var size = shape.HeadSize;
            var sequenceHead = (sequence * shape.HeadCount) + head;
            var keys = shape.VisibleKeys(query + queries - 1);
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            float* sums = scratch, logs = sums + Width, panel = logs + Width, result = panel + (Width * size), scores = result + (Width * size);

            Packing<V>.PackTransposed(Operands.Queries[firstQuery] + (head * size), Operands.Queries.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(k, panel, keys, scores);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var (largest, sum) = Exponentials(scores + lane, keys, Operands.KeysForAll(query, keys), lane);
                if (Operands.Dropout.IsActive)
                {
                    Drop(scores + lane, keys, Operands.DropoutRows(sequenceHead, query + lane));
                }

                V.Store(sum, sums + lane);
                V.Store(largest * V.Create((float)shape.Scale), logs + lane);
            }

            Operands.ColumnsTimesLanes(v, scores, keys, result);
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
        private readonly (V Largest, V Sum) Exponentials(float* scores, int keys, int keysForAll, int lane)
        {
            var largest = V.Create(float.NegativeInfinity);
            for (var key = 0; key < keysForAll; key++)
            {
                largest = V.Max(largest, V.Load(scores + (key * Width)));
            }

            for (var key = keysForAll; key < keys; key++)
            {
                var hidden = AttentionOperands.Hide(V.Load(scores + (key * Width)), key + 1 - keysForAll, lane);
                V.Store(hidden, scores + (key * Width));
                largest = V.Max(largest, hidden);
            }

            V sum = default;
            var scale = V.Create((float)Operands.Shape.Scale);
            for (var key = 0; key < keys; key++)
            {
                var weight = Simd.Exp((V.Load(scores + (key * Width)) - largest) * scale);
                V.Store(weight, scores + (key * Width));
                sum += weight;
            }

            return (largest, sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Drop(float* weights, int keys, V queryRows)
        {
            var mask = new DropoutMask<V>(Operands.Dropout);
            V f0 = default, f1 = default, f2 = default, f3 = default;
            for (var key = 0; key < keys; key++)
            {
                if (key % 4 == 0)
                {
                    mask.Factors(V.CreateBits((uint)key / 4), queryRows, out f0, out f1, out f2, out f3);
                }

                var weight = weights + (key * Width);
                V.Store(V.Load(weight) * f0, weight);
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

    /// <summary>
    /// With weights p, g = dy·vᵀ and δ = Σ dy·y per query: dv = pᵀ·dy, ds = p·(g − δ)·scale, dq = ds·k, dk = dsᵀ·q
    /// (Dao et al., "FlashAttention", 2022, appendix B.2). A key head belongs to one thread, which adds the blocks of queries in order.
    /// </summary>
    private struct AttentionBackwardJob : IJob
    {
        public AttentionOperands Operands;
        public MatrixRows OutputGradient;
        public MatrixRows QueryGradient;
        public MatrixRows KeyGradient;
        public MatrixRows ValueGradient;
        public float* Scratch;
        public long ScratchSize;

        private static int Width => Tiles<V>.Width;

        public void Run(WorkerPool pool, int worker)
        {
            var shape = Operands.Shape;
            for (var ticket = pool.NextTicket(); ticket < shape.BatchSize * shape.KeyHeadCount; ticket = pool.NextTicket())
            {
                var (sequence, keyHead) = Math.DivRem(ticket, shape.KeyHeadCount);
                Differentiate(sequence, keyHead, Scratch + (worker * ScratchSize));
            }
        }

        private readonly void Differentiate(int sequence, int keyHead, float* scratch)
        {
            var shape = Operands.Shape;
            var (firstKey, keyColumn) = ((nint)sequence * shape.KeyCapacity, keyHead * shape.HeadSize);
            var plane = (nint)shape.KeyCount * shape.HeadSize;
            MatrixRows k = new(scratch, shape.HeadSize), v = new(scratch + plane, shape.HeadSize);
            MatrixRows dk = new(scratch + (2 * plane), shape.HeadSize), dv = new(scratch + (3 * plane), shape.HeadSize);
            Operands.Keys.From(firstKey, keyColumn).CopyTo(k, shape.KeyCount, shape.HeadSize);
            Operands.Values.From(firstKey, keyColumn).CopyTo(v, shape.KeyCount, shape.HeadSize);
            NativeMemory.Clear(dk.Start, (nuint)(2 * plane * sizeof(float)));

            for (var head = keyHead * Operands.QueriesPerKeyHead; head < (keyHead + 1) * Operands.QueriesPerKeyHead; head++)
            {
                for (var query = 0; query < shape.QueryCount; query += Width)
                {
                    Differentiate(sequence, head, query, Math.Min(Width, shape.QueryCount - query), k, v, dk, dv, scratch + (4 * plane));
                }
            }

            Finish(dk, KeyGradient.From(firstKey, keyColumn));
            Finish(dv, ValueGradient.From(firstKey, keyColumn));
        }

        /// <summary>Copies the sums out; rows of a cache that hold no key have no gradient.</summary>
        private readonly void Finish(in MatrixRows sums, in MatrixRows gradient)
        {
            sums.CopyTo(gradient, Operands.Shape.KeyCount, Operands.Shape.HeadSize);
            for (var key = Operands.Shape.KeyCount; key < Operands.Shape.KeyCapacity; key++)
            {
                new Span<float>(gradient[key], Operands.Shape.HeadSize).Clear();
            }
        }

        private readonly void Differentiate(
            int sequence, int head, int query, int queries, in MatrixRows k, in MatrixRows v, in MatrixRows dk, in MatrixRows dv, float* scratch)
        {
            var shape = Operands.Shape;
            int size = shape.HeadSize, column = head * size;
            var sequenceHead = (sequence * shape.HeadCount) + head;
            var keys = shape.VisibleKeys(query + queries - 1);
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            MatrixRows q = Operands.Queries.From(firstQuery, column), dy = OutputGradient.From(firstQuery, column);

            float* panel = scratch, result = panel + (Width * size), delta = result + (Width * size), weights = delta + Width;
            var slopes = weights + (Width * keys);
            var rowPanels = slopes + (Width * keys);

            Packing<V>.PackTransposed(q.Start, q.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(k, panel, keys, weights);
            Packing<V>.PackTransposed(dy.Start, dy.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(v, panel, keys, slopes);

            Deltas(firstQuery, column, queries, delta);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var count = Math.Clamp(queries - lane, 0, V.Count);
                var logSumExp = Load(Operands.LogSumExp[sequenceHead] + query + lane, 0, count);
                var queryRows = Operands.DropoutRows(sequenceHead, query + lane);
                Slopes(weights + lane, slopes + lane, keys, Operands.KeysForAll(query, keys), lane, logSumExp, V.Load(delta + lane), queryRows);
            }

            AddLanesTimesRows(weights, keys, dy, queries, rowPanels, dv);
            AddLanesTimesRows(slopes, keys, q, queries, rowPanels, dk);
            Operands.ColumnsTimesLanes(k, slopes, keys, result);
            Transposition.Copy(result, Width, QueryGradient[firstQuery] + column, QueryGradient.Pitch, size, queries);
        }

        /// <summary>δ = Σ dy·y of each query; 0 in the lanes that hold none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Deltas(nint firstQuery, int column, int queries, float* delta)
        {
            new Span<float>(delta, Width).Clear();
            for (var i = 0; i < queries; i++)
            {
                float* dy = OutputGradient[firstQuery + i] + column, y = Operands.Output[firstQuery + i] + column;
                V sum = default;
                for (var d = 0; d < Operands.Shape.HeadSize; d += V.Count)
                {
                    sum = V.MultiplyAdd(Load(dy, d, Operands.Shape.HeadSize), Load(y, d, Operands.Shape.HeadSize), sum);
                }

                delta[i] = V.Sum(sum);
            }
        }

        /// <summary>From scores and g to the weights after dropout and the gradient of the scores.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Slopes(float* weights, float* slopes, int keys, int keysForAll, int lane, V logSumExp, V delta, V queryRows)
        {
            var scale = V.Create((float)Operands.Shape.Scale);
            var drops = Operands.Dropout.IsActive;
            var mask = new DropoutMask<V>(Operands.Dropout);
            V f0 = default, f1 = default, f2 = default, f3 = default;
            for (var key = 0; key < keys; key++)
            {
                var score = V.Load(weights + (key * Width));
                if (key >= keysForAll)
                {
                    score = AttentionOperands.Hide(score, key + 1 - keysForAll, lane);
                }

                var weight = Simd.Exp(V.MultiplyAdd(score, scale, default(V) - logSumExp));
                var kept = weight;
                var g = V.Load(slopes + (key * Width));
                if (drops)
                {
                    if (key % 4 == 0)
                    {
                        mask.Factors(V.CreateBits((uint)key / 4), queryRows, out f0, out f1, out f2, out f3);
                    }

                    kept = weight * f0;
                    g *= f0;
                    (f0, f1, f2) = (f1, f2, f3);
                }

                V.Store(kept, weights + (key * Width));
                V.Store(weight * (g - delta) * scale, slopes + (key * Width));
            }
        }

        /// <summary>gradient (keys, D) += lanes (keys, queries) · rows (queries, D).</summary>
        private readonly void AddLanesTimesRows(float* lanes, int keys, in MatrixRows rows, int queries, float* packed, in MatrixRows gradient)
        {
            var size = Operands.Shape.HeadSize;
            for (var d = 0; d < size; d += Width)
            {
                Packing<V>.Pack(rows.Start + d, rows.Pitch, queries, size - d, packed);
                var tile = new Tile
                {
                    A = lanes,
                    RowStride = Width,
                    StepStride = 1,
                    PanelStride = Tiles<V>.Width,
                    B = packed,
                    Depth = queries,
                    Start = gradient.Start + d,
                    StartPitch = gradient.Pitch,
                    C = gradient.Start + d,
                    Pitch = gradient.Pitch,
                };
                Tiles<V>.Multiply(tile, keys, Math.Min(Width, size - d));
            }
        }
    }
}
