namespace Inkling.Kernels.Cpu;

/// <content>Gradients of weights, whose sums go over the tokens: dW = xᵀ·dy.</content>
internal sealed unsafe partial class CpuKernels<V>
{
    // Steps of one pass: the gradient comes from memory and goes back in every one.
    private const int GradientStepBlock = 1_024;

    // Up to this pitch (floats) several rows share a page, and tiles can walk down the columns of a matrix where it lies; up to so many
    // rows, since every piece walks through all of them.
    private const int NarrowPitch = 512;
    private const int NarrowRows = 1_024;

    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate)
    {
        KernelChecks.LinearBackwardWeight(x, dy, dWeight, layout);
        if (x.Rows == 0)
        {
            if (!accumulate)
            {
                Fill(dWeight, 0);
            }

            return;
        }

        // Rows of the result come from one of the two, its columns from the other, which is packed.
        var (rows, columns) = layout == WeightLayout.InputByOutput ? (x, dy) : (dy, x);
        switch (FormatOf(precision))
        {
            case OperandFormat.Paired:
                AddOuterProducts(new PairedOperands<V>(_bfloat16.Value.Code!.Functions), rows, columns, dWeight, accumulate);
                break;
            case OperandFormat.Rounded:
                AddOuterProducts(default(RoundedOperands<V>), rows, columns, dWeight, accumulate);
                break;
            default:
                AddOuterProducts(default(Float32Operands<V>), rows, columns, dWeight, accumulate);
                break;
        }
    }

    /// <summary>Whether the gradient of a weight is computed from its operands where they lie, without scratch.</summary>
    internal static bool IsReadInPlace(in MatrixView rows, in MatrixView columns, bool formatReadsInPlace)
        => formatReadsInPlace && rows.Rows <= NarrowRows
        && rows.Pitch <= NarrowPitch && columns.Pitch <= NarrowPitch && columns.Columns % Tiles<V>.Width == 0;

    /// <summary>Elements that the threads share for a gradient that is not: two buffers take turns where there is more than one pass.</summary>
    internal static long GradientPanels(in Division cut) => Math.Min(2, cut.PassCount) * Packing<V>.Size(cut.PassSteps, cut.Columns);

    /// <summary>Elements that each thread has for it.</summary>
    internal static long GradientBlock(in Division cut) => (long)cut.BlockRows * cut.PassSteps;

    /// <summary>c = (c +) rowsᵀ·columns.</summary>
    private void AddOuterProducts<TFormat>(TFormat format, MatrixView rows, MatrixView columns, MatrixView c, bool accumulate)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var job = new GradientJob<TFormat>
        {
            Format = format,
            A = Floats(rows),
            StepStride = rows.Pitch,
            Source = Floats(columns),
            SourcePitch = columns.Pitch,
            Terms = rows.Rows,
            Accumulate = accumulate,
            C = Floats(c),
            Pitch = c.Pitch,
            Cut = DivideGradient(rows.Columns, columns.Columns, Packing<V>.Steps<TFormat>(rows.Rows), _pool.ThreadCount),
        };
        var pool = PoolFor(job.Cut.Work);
        if (IsReadInPlace(rows, columns, TFormat.ReadsInPlace))
        {
            var narrow = new NarrowGradientJob<TFormat> { Gradient = job };
            pool.Run(ref narrow);
            return;
        }

        job.Packed = _shared.Floats(GradientPanels(job.Cut));
        job.Blocks = _perWorker.Floats(GradientBlock(job.Cut) * _pool.ThreadCount);
        pool.Run(ref job);
    }

    /// <summary>The same for the gradient of a weight.</summary>
    internal static Division DivideGradient(int rows, int columns, int steps, int threadCount)
        => Divide(rows, columns, steps, threadCount, MostBlockRows) with { StepBlock = GradientStepBlock };

    /// <summary>c = (c +) aᵀ·b with the steps, the tokens, cut in blocks: all threads pack a block of b, then share the result's rows.</summary>
    private struct GradientJob<TFormat> : IJob
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public TFormat Format;
        public float* A;
        public nint StepStride;
        public float* Source;
        public nint SourcePitch;
        public int Terms;
        public float* Packed;
        public float* Blocks;
        public float* C;
        public nint Pitch;
        public bool Accumulate;
        public Division Cut;

        public void Run(WorkerPool pool, int worker)
        {
            var (pieces, passSteps) = (Cut.PieceCount, Cut.PassSteps);
            var block = Blocks + (worker * GradientBlock(Cut));
            for (var pass = 0; pass < Cut.PassCount; pass++)
            {
                // Two buffers take turns, so that a fast thread packs the next block while a slow one still reads this one.
                var from = pass * passSteps;
                var (steps, k) = (Math.Min(passSteps, Cut.Steps - from), from * TFormat.TermsPerStep);
                var terms = Math.Min(Terms - k, steps * TFormat.TermsPerStep);
                var packed = Packed + (pass % 2 * Packing<V>.Size(passSteps, Cut.Columns));

                // Each thread packs tokens side by side, which it mostly wrote itself. Pairs of steps stay together.
                var first = (int)((long)steps * worker / pool.ThreadCount) & ~1;
                var end = worker + 1 < pool.ThreadCount ? (int)((long)steps * (worker + 1) / pool.ThreadCount) & ~1 : steps;
                if (end > first)
                {
                    var firstTerm = first * TFormat.TermsPerStep;
                    Packing<V>.Pack(
                        Format, Source + ((k + firstTerm) * SourcePitch), SourcePitch, Math.Min(terms, end * TFormat.TermsPerStep) - firstTerm, Cut.Columns,
                        packed + ((long)first * Tiles<V>.Width), (nint)steps * Tiles<V>.Width);
                }

                pool.Barrier();
                var copied = -1;
                while (pool.TryTake(worker, pieces, out var piece))
                {
                    var (rowBlock, chunk) = Math.DivRem(piece, Cut.ChunkCount);
                    var row = Cut.FirstRow(rowBlock);
                    if (row != copied)
                    {
                        // The tiles walk down the columns of a, where each step may reach another page; so they walk in a copy.
                        var rows = Cut.FirstRow(rowBlock + 1) - row;
                        Format.PackColumns(A + (k * StepStride) + row, StepStride, terms, rows, block, Cut.BlockRows);
                        copied = row;
                    }

                    var tile = new Tile { A = block, StepStride = Cut.BlockRows, PanelStride = Tiles<V>.Width, Depth = steps };
                    Pass(tile, packed, steps, rowBlock, chunk, isFirst: from == 0);
                }
            }
        }

        /// <summary>One pass of one piece of the result; the tile says how to walk through a and b.</summary>
        public readonly void Pass(Tile tile, float* panels, nint panelPitch, int block, int chunk, bool isFirst)
        {
            (tile.RowStride, tile.StartPitch, tile.Pitch) = (1, Pitch, Pitch);
            var row = Cut.FirstRow(block);
            var rows = Cut.FirstRow(block + 1) - row;
            for (var n = Cut.FirstColumn(chunk); n < Cut.FirstColumn(chunk + 1); n += Tiles<V>.Width)
            {
                tile.B = panels + (n * panelPitch);
                tile.C = C + (row * Pitch) + n;
                tile.Start = isFirst && !Accumulate ? null : tile.C;
                Format.Multiply(tile, rows, Math.Min(Tiles<V>.Width, Cut.Columns - n));
            }
        }
    }

    /// <summary>The same for narrow matrices, read where they lie: nothing is packed, and nobody waits for anybody.</summary>
    private struct NarrowGradientJob<TFormat> : IJob
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public GradientJob<TFormat> Gradient;

        public void Run(WorkerPool pool, int worker)
        {
            var cut = Gradient.Cut;
            while (pool.TryTake(worker, cut.PieceCount, out var piece))
            {
                var (block, chunk) = Math.DivRem(piece, cut.ChunkCount);
                var tile = new Tile
                {
                    A = Gradient.A + cut.FirstRow(block),
                    StepStride = Gradient.StepStride,
                    PanelStride = Gradient.SourcePitch,
                    Depth = cut.Steps,
                };
                Gradient.Pass(tile, Gradient.Source, 1, block, chunk, isFirst: true);
            }
        }
    }
}
