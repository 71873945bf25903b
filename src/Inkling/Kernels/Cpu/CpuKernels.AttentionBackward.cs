using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <content>The gradient of attention.</content>
internal sealed unsafe partial class CpuKernels<V>
{
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
            ScratchSize = AttentionBackwardScratch(shape),
        };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(Work(shape)).Run(ref job);
    }

    /// <summary>Floats that each thread has for weights, their gradients and packed queries, and for keys, values and their gradients of a head.</summary>
    internal static long AttentionBackwardScratch(in AttentionShape shape)
        => (Tiles<V>.Width * ((2 * MostKeys(shape, Tiles<V>.Width)) + (2 * shape.HeadSize) + 1 + Tiles<V>.Width)) + (4L * shape.KeyCount * shape.HeadSize);

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
            var keys = new VisibleKeys(shape, query, queries);
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            MatrixRows q = Operands.Queries.From(firstQuery, column), dy = OutputGradient.From(firstQuery, column);

            float* panel = scratch, result = panel + (Width * size), delta = result + (Width * size), weights = delta + Width;
            var slopes = weights + (Width * keys.Count);
            var rowPanels = slopes + (Width * keys.Count);

            Packing<V>.PackTransposed(q.Start, q.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(k.From(keys.From, 0), panel, keys.Count, weights);
            Packing<V>.PackTransposed(dy.Start, dy.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(v.From(keys.From, 0), panel, keys.Count, slopes);

            Deltas(firstQuery, column, queries, delta);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var count = Math.Clamp(queries - lane, 0, V.Count);
                var logSumExp = Load(Operands.LogSumExp[sequenceHead] + query + lane, 0, count);
                var queryRows = Operands.DropoutRows(sequenceHead, query + lane);
                Slopes(weights + lane, slopes + lane, keys, lane, logSumExp, V.Load(delta + lane), queryRows);
            }

            AddLanesTimesRows(weights, keys.Count, dy, queries, rowPanels, dv.From(keys.From, 0));
            AddLanesTimesRows(slopes, keys.Count, q, queries, rowPanels, dk.From(keys.From, 0));
            Operands.ColumnsTimesLanes(k.From(keys.From, 0), slopes, keys.Count, result);
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
        private readonly void Slopes(float* weights, float* slopes, VisibleKeys keys, int lane, V logSumExp, V delta, V queryRows)
        {
            var scale = V.Create((float)Operands.Shape.Scale);
            var drops = Operands.Dropout.IsActive;
            var mask = new DropoutMask<V>(Operands.Dropout);
            V f0 = default, f1 = default, f2 = default, f3 = default;
            for (var key = drops ? keys.From & ~3 : keys.From; key < keys.End; key++)
            {
                if (drops && key % 4 == 0)
                {
                    mask.Factors(V.CreateBits((uint)key / 4), queryRows, out f0, out f1, out f2, out f3);
                }

                if (key >= keys.From)
                {
                    var place = (key - keys.From) * Width;
                    var score = V.Load(weights + place);
                    if (key < keys.AllFrom || key >= keys.AllEnd)
                    {
                        score = keys.Hide(score, key, lane);
                    }

                    var weight = Simd.Exp(V.MultiplyAdd(score, scale, default(V) - logSumExp));
                    var kept = weight;
                    var g = V.Load(slopes + place);
                    if (drops)
                    {
                        kept = weight * f0;
                        g *= f0;
                    }

                    V.Store(kept, weights + place);
                    V.Store(weight * (g - delta) * scale, slopes + place);
                }

                (f0, f1, f2) = (f1, f2, f3);
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
