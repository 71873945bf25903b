using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <content>
/// Attention with queries in the lanes. A block of 2W queries of one head is packed once; its scores then lie transposed,
/// (keys, 2W), which is just the packed form that the next product wants. Maximum, sum and mask act per lane, key after key
/// from position 0, so what a query gets depends on no other query, on no block and on no cache. Scratch is a few times keys × 2W floats
/// per thread, and blocks that the mask hides are never computed.
/// </content>
internal sealed unsafe partial class CpuKernels<V>
{
    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        KernelChecks.Attention(shape, q, k, v, y, logSumExp);
        var job = new AttentionJob
        {
            Operands = new AttentionOperands(shape, q, k, v, y, logSumExp, dropout),
            ScratchSize = (long)Tiles<V>.Width * (shape.KeyCount + (2 * shape.HeadSize) + 2),
        };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        _pool.Run(ref job);
    }

    public void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        KernelChecks.AttentionBackward(shape, q, k, v, y, logSumExp, dy, dq, dk, dv);
        var job = new AttentionBackwardJob
        {
            Operands = new AttentionOperands(shape, q, k, v, y, logSumExp, dropout),
            OutputGradient = new HeadRows(dy),
            QueryGradient = new HeadRows(dq),
            KeyGradient = new HeadRows(dk),
            ValueGradient = new HeadRows(dv),
            ScratchSize = (long)Tiles<V>.Width * ((2 * shape.KeyCount) + (2 * shape.HeadSize) + 1 + Tiles<V>.Width),
        };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        _pool.Run(ref job);
    }

    /// <summary>(D, 2W) in lanes to rows of D floats, the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreTransposed(float* lanes, int headSize, float* rows, nint pitch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var row = rows + (i * pitch);
            for (var d = 0; d < headSize; d++)
            {
                row[d] = lanes[(d * Tiles<V>.Width) + i];
            }
        }
    }

    /// <summary>Rows of a matrix in which heads of D columns lie side by side.</summary>
    private readonly struct HeadRows(in MatrixView view)
    {
        public readonly float* Start = Floats(view);
        public readonly nint Pitch = view.Pitch;

        public float* At(nint row, int column) => Start + (row * Pitch) + column;
    }

    private readonly struct AttentionOperands(
        in AttentionShape shape, in MatrixView q, in MatrixView k, in MatrixView v, in MatrixView y, in MatrixView logSumExp, Dropout dropout)
    {
        public readonly AttentionShape Shape = shape;
        public readonly HeadRows Queries = new(q);
        public readonly HeadRows Keys = new(k);
        public readonly HeadRows Values = new(v);
        public readonly HeadRows Output = new(y);
        public readonly HeadRows LogSumExp = new(logSumExp);
        public readonly Dropout Dropout = dropout;

        public static int Block => Tiles<V>.Width;

        public int BlockCount => ((Shape.QueryCount - 1) / Block) + 1;

        public int QueriesPerKeyHead => Shape.HeadCount / Shape.KeyHeadCount;

        /// <summary>scores (keys, 2W) = rows (keys, D) · panel (D, 2W).</summary>
        public void RowsTimesPanel(float* rows, nint pitch, float* panel, int keys, float* scores)
        {
            var tile = new Tile
            {
                A = rows, RowStride = pitch, StepStride = 1, B = panel, Depth = Shape.HeadSize, C = scores, Pitch = Block,
            };
            Tiles<V>.Multiply(tile, keys, Block);
        }

        /// <summary>result (D, 2W) = rowsᵀ (D, keys) · lanes (keys, 2W).</summary>
        public void ColumnsTimesLanes(float* rows, nint pitch, float* lanes, int keys, float* result)
        {
            var tile = new Tile
            {
                A = rows, RowStride = 1, StepStride = pitch, B = lanes, Depth = keys, C = result, Pitch = Block,
            };
            Tiles<V>.Multiply(tile, Shape.HeadSize, Block);
        }

        /// <summary>Keys that every query of a block sees; beyond them, key j is seen by the lanes from j + 1 − this on.</summary>
        public int KeysForAll(int query, int keys) => Shape.Causal ? Math.Min(keys, Shape.QueryOffset + query + 1) : keys;

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
            for (var ticket = pool.NextTicket(); ticket < heads * blocks; ticket = pool.NextTicket())
            {
                // The last blocks see the most keys: begin with them, so that the threads finish together.
                var query = (blocks - 1 - (ticket / heads)) * Width;
                Attend(ticket % heads, query, Math.Min(Width, shape.QueryCount - query), Scratch + (worker * ScratchSize));
            }
        }

        private readonly void Attend(int sequenceHead, int query, int queries, float* scratch)
        {
            var shape = Operands.Shape;
            var (sequence, head) = Math.DivRem(sequenceHead, shape.HeadCount);
            int size = shape.HeadSize, keyColumn = head / Operands.QueriesPerKeyHead * size;
            var keys = shape.VisibleKeys(query + queries - 1);
            var firstKey = (nint)sequence * shape.KeyCapacity;
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            float* sums = scratch, logs = sums + Width, panel = logs + Width, result = panel + (Width * size), scores = result + (Width * size);

            Packing<V>.PackTransposed(Operands.Queries.At(firstQuery, head * size), Operands.Queries.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(Operands.Keys.At(firstKey, keyColumn), Operands.Keys.Pitch, panel, keys, scores);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var (largest, sum) = Exponentials(scores + lane, keys, Operands.KeysForAll(query, keys), lane);
                if (Operands.Dropout.IsActive)
                {
                    Drop(scores + lane, keys, ((uint)sequenceHead * (uint)shape.QueryCount) + (uint)(query + lane));
                }

                V.Store(sum, sums + lane);
                V.Store(largest * V.Create((float)shape.Scale), logs + lane);
            }

            Operands.ColumnsTimesLanes(Operands.Values.At(firstKey, keyColumn), Operands.Values.Pitch, scores, keys, result);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                Scale(result + lane, V.Create(1f) / V.Load(sums + lane));
            }

            StoreTransposed(result, size, Operands.Output.At(firstQuery, head * size), Operands.Output.Pitch, queries);
            if (Operands.LogSumExp.Start is not null)
            {
                for (var i = 0; i < queries; i++)
                {
                    *Operands.LogSumExp.At(sequenceHead, query + i) = logs[i] + MathF.Log(sums[i]);
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
        private readonly void Drop(float* weights, int keys, uint row)
        {
            var mask = new DropoutMask<V>(Operands.Dropout);
            var rows = V.AddBits(V.CreateBits(Operands.Dropout.FirstRow + row), V.LaneNumbers);
            for (var key = 0; key < keys; key += 4)
            {
                mask.Factors(V.CreateBits((uint)key / 4), rows, out var f0, out var f1, out var f2, out var f3);
                var weight = weights + (key * Width);
                V.Store(V.Load(weight) * f0, weight);
                if (key + 1 < keys)
                {
                    V.Store(V.Load(weight + Width) * f1, weight + Width);
                }

                if (key + 2 < keys)
                {
                    V.Store(V.Load(weight + (2 * Width)) * f2, weight + (2 * Width));
                }

                if (key + 3 < keys)
                {
                    V.Store(V.Load(weight + (3 * Width)) * f3, weight + (3 * Width));
                }
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
        public HeadRows OutputGradient;
        public HeadRows QueryGradient;
        public HeadRows KeyGradient;
        public HeadRows ValueGradient;
        public float* Scratch;
        public long ScratchSize;

        private static int Width => Tiles<V>.Width;

        public void Run(WorkerPool pool, int worker)
        {
            var shape = Operands.Shape;
            for (var ticket = pool.NextTicket(); ticket < shape.BatchSize * shape.KeyHeadCount; ticket = pool.NextTicket())
            {
                var (sequence, keyHead) = Math.DivRem(ticket, shape.KeyHeadCount);
                var firstKey = (nint)sequence * shape.KeyCapacity;
                Clear(KeyGradient, firstKey, keyHead);
                Clear(ValueGradient, firstKey, keyHead);
                for (var head = keyHead * Operands.QueriesPerKeyHead; head < (keyHead + 1) * Operands.QueriesPerKeyHead; head++)
                {
                    for (var block = 0; block < Operands.BlockCount; block++)
                    {
                        var query = block * Width;
                        Differentiate(sequence, head, query, Math.Min(Width, shape.QueryCount - query), Scratch + (worker * ScratchSize));
                    }
                }
            }
        }

        private readonly void Clear(in HeadRows gradient, nint firstKey, int keyHead)
        {
            for (var key = 0; key < Operands.Shape.KeyCapacity; key++)
            {
                new Span<float>(gradient.At(firstKey + key, keyHead * Operands.Shape.HeadSize), Operands.Shape.HeadSize).Clear();
            }
        }

        private readonly void Differentiate(int sequence, int head, int query, int queries, float* scratch)
        {
            var shape = Operands.Shape;
            int size = shape.HeadSize, column = head * size, keyColumn = head / Operands.QueriesPerKeyHead * size;
            var sequenceHead = (sequence * shape.HeadCount) + head;
            var keys = shape.VisibleKeys(query + queries - 1);
            var firstKey = (nint)sequence * shape.KeyCapacity;
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            float* k = Operands.Keys.At(firstKey, keyColumn), v = Operands.Values.At(firstKey, keyColumn);
            float* q = Operands.Queries.At(firstQuery, column), dy = OutputGradient.At(firstQuery, column);

            float* panel = scratch, result = panel + (Width * size), delta = result + (Width * size), weights = delta + Width;
            var slopes = weights + (Width * keys);
            var rowPanels = slopes + (Width * keys);

            Packing<V>.PackTransposed(q, Operands.Queries.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(k, Operands.Keys.Pitch, panel, keys, weights);
            Packing<V>.PackTransposed(dy, OutputGradient.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(v, Operands.Values.Pitch, panel, keys, slopes);

            Deltas(firstQuery, column, queries, delta);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var count = Math.Clamp(queries - lane, 0, V.Count);
                var logSumExp = Load(Operands.LogSumExp.At(sequenceHead, query + lane), 0, count);
                var row = ((uint)sequenceHead * (uint)shape.QueryCount) + (uint)(query + lane);
                Slopes(weights + lane, slopes + lane, keys, Operands.KeysForAll(query, keys), lane, logSumExp, V.Load(delta + lane), row);
            }

            AddLanesTimesRows(weights, keys, dy, OutputGradient.Pitch, queries, rowPanels, ValueGradient.At(firstKey, keyColumn), ValueGradient.Pitch);
            AddLanesTimesRows(slopes, keys, q, Operands.Queries.Pitch, queries, rowPanels, KeyGradient.At(firstKey, keyColumn), KeyGradient.Pitch);
            Operands.ColumnsTimesLanes(k, Operands.Keys.Pitch, slopes, keys, result);
            StoreTransposed(result, size, QueryGradient.At(firstQuery, column), QueryGradient.Pitch, queries);
        }

        /// <summary>δ = Σ dy·y of each query; 0 in the lanes that hold none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Deltas(nint firstQuery, int column, int queries, float* delta)
        {
            new Span<float>(delta, Width).Clear();
            for (var i = 0; i < queries; i++)
            {
                float* dy = OutputGradient.At(firstQuery + i, column), y = Operands.Output.At(firstQuery + i, column);
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
        private readonly void Slopes(float* weights, float* slopes, int keys, int keysForAll, int lane, V logSumExp, V delta, uint row)
        {
            var scale = V.Create((float)Operands.Shape.Scale);
            var drops = Operands.Dropout.IsActive;
            var mask = new DropoutMask<V>(Operands.Dropout);
            var rows = V.AddBits(V.CreateBits(Operands.Dropout.FirstRow + row), V.LaneNumbers);
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
                        mask.Factors(V.CreateBits((uint)key / 4), rows, out f0, out f1, out f2, out f3);
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
        private readonly void AddLanesTimesRows(
            float* lanes, int keys, float* rows, nint pitch, int queries, float* packed, float* gradient, nint gradientPitch)
        {
            var size = Operands.Shape.HeadSize;
            for (var d = 0; d < size; d += Width)
            {
                Packing<V>.Pack(rows + d, pitch, queries, size - d, packed);
                var tile = new Tile
                {
                    A = lanes, RowStride = Width, StepStride = 1, B = packed, Depth = queries,
                    Start = gradient + d, StartPitch = gradientPitch, C = gradient + d, Pitch = gradientPitch,
                };
                Tiles<V>.Multiply(tile, keys, Math.Min(Width, size - d));
            }
        }
    }
}
