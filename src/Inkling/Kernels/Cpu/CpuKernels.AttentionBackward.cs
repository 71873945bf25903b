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
        var operands = new AttentionOperands(shape, q, k, v, y, logSumExp, dropout);
        var gradients = new AttentionGradients(new(dy), new(dq), new(dk), new(dv));
        switch (FormatOf(shape.Precision))
        {
            case OperandFormat.Paired:
                Differentiate(new AttentionOperands<PairedOperands<V>>(new(_bfloat16.Value.Code!.Functions), operands), gradients);
                break;
            case OperandFormat.Rounded:
                Differentiate(new AttentionOperands<RoundedOperands<V>>(default, operands), gradients);
                break;
            default:
                Differentiate(new AttentionOperands<Float32Operands<V>>(default, operands), gradients);
                break;
        }
    }

    private void Differentiate<TFormat>(in AttentionOperands<TFormat> operands, in AttentionGradients gradients)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var job = new AttentionBackwardJob<TFormat> { Operands = operands, Gradients = gradients, ScratchSize = AttentionBackwardScratch(operands.Shape) };
        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(Work(operands.Shape)).Run(ref job);
    }

    /// <summary>Elements that each thread has for weights, their gradients and packed queries, and for keys (in two forms), values and their gradients of a head.</summary>
    internal static long AttentionBackwardScratch(in AttentionShape shape)
        => (Tiles<V>.Width * ((2 * MostKeys(shape, Tiles<V>.Width)) + (2 * shape.HeadSize) + 1 + Tiles<V>.Width)) + (5L * shape.KeyCount * shape.HeadSize);

    private readonly struct AttentionGradients(MatrixRows output, MatrixRows queries, MatrixRows keys, MatrixRows values)
    {
        public readonly MatrixRows Output = output;
        public readonly MatrixRows Queries = queries;
        public readonly MatrixRows Keys = keys;
        public readonly MatrixRows Values = values;
    }

    /// <summary>
    /// With weights p, g = dy·vᵀ and δ = Σ dy·y per query: dv = pᵀ·dy, ds = p·(g − δ)·scale, dq = ds·k, dk = dsᵀ·q
    /// (Dao et al., "FlashAttention", 2022, appendix B.2). A key head belongs to one thread, which adds the blocks of queries in order.
    /// </summary>
    private struct AttentionBackwardJob<TFormat> : IJob
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public AttentionOperands<TFormat> Operands;
        public AttentionGradients Gradients;
        public float* Scratch;
        public long ScratchSize;

        private static int Width => Tiles<V>.Width;

        public void Run(WorkerPool pool, int worker)
        {
            var shape = Operands.Shape;
            while (pool.TryTake(worker, shape.BatchSize * shape.KeyHeadCount, out var piece))
            {
                var (sequence, keyHead) = Math.DivRem(piece, shape.KeyHeadCount);
                Differentiate(sequence, keyHead, Scratch + (worker * ScratchSize));
            }
        }

        private readonly void Differentiate(int sequence, int keyHead, float* scratch)
        {
            var shape = Operands.Shape;
            var (firstKey, keyColumn) = ((nint)sequence * shape.KeyCapacity, keyHead * shape.HeadSize);
            var plane = (nint)shape.KeyCount * shape.HeadSize;
            var keys = Operands.Keys.From(firstKey, keyColumn);
            var packed = new PackedKeys
            {
                Rows = Operands.PackRows(keys, shape.KeyCount, scratch),
                Values = Operands.PackRows(Operands.Values.From(firstKey, keyColumn), shape.KeyCount, scratch + plane),
            };
            packed.Columns = TFormat.ReadsInPlace ? packed.Rows : Operands.PackColumns(keys, shape.KeyCount, scratch + (2 * plane));
            MatrixRows dk = new(scratch + (3 * plane), shape.HeadSize), dv = new(scratch + (4 * plane), shape.HeadSize);
            NativeMemory.Clear(dk.Start, (nuint)(2 * plane * sizeof(float)));

            for (var head = keyHead * Operands.QueriesPerKeyHead; head < (keyHead + 1) * Operands.QueriesPerKeyHead; head++)
            {
                for (var query = 0; query < shape.QueryCount; query += Width)
                {
                    Differentiate(sequence, head, query, Math.Min(Width, shape.QueryCount - query), packed, dk, dv, scratch + (5 * plane));
                }
            }

            Finish(dk, Gradients.Keys.From(firstKey, keyColumn));
            Finish(dv, Gradients.Values.From(firstKey, keyColumn));
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
            int sequence, int head, int query, int queries, in PackedKeys packed, in MatrixRows dk, in MatrixRows dv, float* scratch)
        {
            var shape = Operands.Shape;
            int size = shape.HeadSize, column = head * size;
            var sequenceHead = (sequence * shape.HeadCount) + head;
            var keys = Operands.Visible(query, queries);
            var firstQuery = ((nint)sequence * shape.QueryCount) + query;
            MatrixRows q = Operands.Queries.From(firstQuery, column), dy = Gradients.Output.From(firstQuery, column);

            float* panel = scratch, result = panel + (Width * size), delta = result + (Width * size), weights = delta + Width;
            var slopes = weights + (Width * keys.Count);
            var rowPanels = slopes + (Width * keys.Count);

            Packing<V>.PackTransposed(Operands.Format, q.Start, q.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(packed.Rows.From(keys.From, 0), panel, keys.Count, weights);
            Packing<V>.PackTransposed(Operands.Format, dy.Start, dy.Pitch, size, queries, panel);
            Operands.RowsTimesPanel(packed.Values.From(keys.From, 0), panel, keys.Count, slopes);

            Deltas(firstQuery, column, queries, delta);
            for (var lane = 0; lane < Width; lane += V.Count)
            {
                var count = Math.Clamp(queries - lane, 0, V.Count);
                var logSumExp = Load(Operands.LogSumExp[sequenceHead] + query + lane, 0, count);
                var queryRows = Operands.DropoutRows(sequenceHead, query + lane);
                Slopes(weights + lane, slopes + lane, keys, lane, logSumExp, V.Load(delta + lane), queryRows);
            }

            AddLanesTimesRows(PackLaneRows(weights, keys.Count, queries, weights), keys.Count, dy, queries, rowPanels, dv.From(keys.From, 0));
            AddLanesTimesRows(PackLaneRows(slopes, keys.Count, queries, weights), keys.Count, q, queries, rowPanels, dk.From(keys.From, 0));
            Operands.PackLanes(slopes, keys.Count);
            Operands.ColumnsTimesLanes(packed.Columns.From(keys.From / TFormat.TermsPerStep, 0), slopes, keys.Count, result);
            Transposition.Copy(result, Width, Gradients.Queries[firstQuery] + column, Gradients.Queries.Pitch, size, queries);
        }

        /// <summary>δ = Σ dy·y of each query; 0 in the lanes that hold none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Deltas(nint firstQuery, int column, int queries, float* delta)
        {
            new Span<float>(delta, Width).Clear();
            for (var i = 0; i < queries; i++)
            {
                float* dy = Gradients.Output[firstQuery + i] + column, y = Operands.Output[firstQuery + i] + column;
                V sum = default;
                for (var d = 0; d < Operands.Shape.HeadSize; d += V.Count)
                {
                    // As g = dy·vᵀ takes it, or their difference would not be zero where it should be.
                    var upstream = Load(dy, d, Operands.Shape.HeadSize);
                    sum = V.MultiplyAdd(TFormat.ReadsInPlace ? upstream : V.RoundToBfloat16(upstream), Load(y, d, Operands.Shape.HeadSize), sum);
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

        /// <summary>The same lanes with the queries as terms; where they lie, unless a format wants them packed.</summary>
        private readonly float* PackLaneRows(float* lanes, int keys, int queries, float* destination)
        {
            if (TFormat.ReadsInPlace)
            {
                return lanes;
            }

            Operands.Format.PackRows(lanes, Width, keys, queries, destination, Width);
            return destination;
        }

        /// <summary>gradient (keys, D) += packed lanes (keys, queries) · rows (queries, D).</summary>
        private readonly void AddLanesTimesRows(float* lanes, int keys, in MatrixRows rows, int queries, float* packed, in MatrixRows gradient)
        {
            var size = Operands.Shape.HeadSize;
            for (var d = 0; d < size; d += Width)
            {
                Packing<V>.Pack(Operands.Format, rows.Start + d, rows.Pitch, queries, Math.Min(Width, size - d), packed);
                var tile = new Tile
                {
                    A = lanes,
                    RowStride = Width,
                    StepStride = 1,
                    PanelStride = Tiles<V>.Width,
                    B = packed,
                    Depth = Packing<V>.Steps<TFormat>(queries),
                    Start = gradient.Start + d,
                    StartPitch = gradient.Pitch,
                    C = gradient.Start + d,
                    Pitch = gradient.Pitch,
                };
                Operands.Format.Multiply(tile, keys, Math.Min(Width, size - d));
            }
        }

        /// <summary>Keys with their elements as terms and with themselves as terms, and values with their elements as terms.</summary>
        private struct PackedKeys
        {
            public MatrixRows Rows;
            public MatrixRows Columns;
            public MatrixRows Values;
        }
    }
}
