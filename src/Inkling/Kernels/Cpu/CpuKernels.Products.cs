namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Depth of one pass: a panel of b (2W × 384 floats) about fills the first cache, and the block of a stays in the second.
    private const int DepthBlock = 384;

    // Most rows of one piece of work, and what their number is a multiple of: every tile height, so that only the matrix's own edge
    // is ragged. A block of a then fills a part of the second cache.
    private const int MostBlockRows = 96;
    private const int BlockRowMultiple = 24;

    // A weight this large (floats) does not wait in the cache for its next use. The first use after a change then packs it piece by
    // piece, each thread what it needs, instead of writing all of it to memory and reading it back.
    private const long LargeWeight = 1 << 20;

    // Rows that make packing a piece worth while, and rows up to which a piece of a stays near it.
    private const int FewestStreamedRows = 32;
    private const int MostStreamedRows = 2_048;

    // Panels of such a piece: with a block of a they fill about half of the second cache.
    private const int StreamedPanels = 8;

    // Up to this pitch (floats) several rows share a page, and tiles can walk down the columns of a matrix where it lies.
    private const int NarrowPitch = 512;

    // Pieces per thread: enough that a thread which lost time to somebody else does not keep the others waiting.
    private const int PiecesPerThread = 8;

    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision)
    {
        KernelChecks.Prepare(weight);
        return new CpuPreparedWeight(weight, layout, precision);
    }

    public void Invalidate(PreparedWeight weight) => ((CpuPreparedWeight)weight).Invalidate();

    public void Linear(in LinearArguments arguments)
    {
        KernelChecks.Linear(arguments);
        var weight = (CpuPreparedWeight)arguments.Weight;
        var target = arguments.Preactivation.IsNone ? arguments.Y : arguments.Preactivation;
        var job = new ProductJob
        {
            A = Floats(arguments.X),
            RowStride = arguments.X.Pitch,
            Source = Floats(weight.Source),
            SourcePitch = weight.Source.Pitch,
            IsTransposed = weight.Layout == WeightLayout.OutputByInput,
            Start = Floats(arguments.Bias),
            StartPitch = 0,
            C = Floats(target),
            Pitch = target.Pitch,
            Epilogue = new Epilogue(arguments, target),
        };
        Multiply(ref job, weight.Forward, arguments.X.Rows);
    }

    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        KernelChecks.LinearBackwardInput(dy, weight, dx);
        var prepared = (CpuPreparedWeight)weight;
        var job = new ProductJob
        {
            A = Floats(dy),
            RowStride = dy.Pitch,
            Source = Floats(prepared.Source),
            SourcePitch = prepared.Source.Pitch,
            IsTransposed = prepared.Layout == WeightLayout.InputByOutput,
            Start = accumulate ? Floats(dx) : null,
            StartPitch = dx.Pitch,
            C = Floats(dx),
            Pitch = dx.Pitch,
        };
        Multiply(ref job, prepared.Backward, dy.Rows);
    }

    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, bool accumulate)
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
        var job = new GradientJob
        {
            A = Floats(rows),
            StepStride = rows.Pitch,
            Source = Floats(columns),
            SourcePitch = columns.Pitch,
            Accumulate = accumulate,
            C = Floats(dWeight),
            Pitch = dWeight.Pitch,
            Cut = Divide(rows.Columns, columns.Columns, rows.Rows, _pool.ThreadCount),
        };
        var pool = PoolFor(job.Cut.Work);
        if (IsReadInPlace(rows, columns))
        {
            var narrow = new NarrowGradientJob { Gradient = job };
            pool.Run(ref narrow);
            return;
        }

        job.Packed = _shared.Floats(GradientPanels(job.Cut));
        job.Blocks = _perWorker.Floats(GradientBlock * _pool.ThreadCount);
        pool.Run(ref job);
    }

    /// <summary>Whether the gradient of a weight is computed from its operands where they lie, without scratch.</summary>
    internal static bool IsReadInPlace(in MatrixView rows, in MatrixView columns)
        => rows.Pitch <= NarrowPitch && columns.Pitch <= NarrowPitch && columns.Columns % Tiles<V>.Width == 0;

    /// <summary>Floats that the threads share for a gradient that is not: two buffers take turns where there is more than one pass.</summary>
    internal static long GradientPanels(in Division cut) => Math.Min(2, cut.PassCount) * Packing<V>.Size(cut.PassDepth, cut.Columns);

    /// <summary>Floats that each thread has for it.</summary>
    internal static long GradientBlock => (long)MostBlockRows * DepthBlock;

    private void Multiply(ref ProductJob job, PackedOperand weight, int rows)
    {
        if (IsWorthStreaming(weight, rows))
        {
            weight.State = PackedState.Streamed;
            job.Cut = DivideStreamed(weight, rows, _pool.ThreadCount);
            job.ScratchSize = StreamedPanelSize(job.Cut);
            job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        }
        else
        {
            job.Cut = Divide(rows, weight.Columns, weight.Depth, _pool.ThreadCount);
            Pack(weight, job);
            job.Packed = (float*)((CpuBuffer)weight.Panels!).Pointer;
        }

        PoolFor(job.Cut.Work).Run(ref job);
    }

    /// <summary>Whether the panels of a weight are made piece by piece while they are used, and not kept.</summary>
    internal static bool IsWorthStreaming(PackedOperand weight, int rows)
        => weight.State == PackedState.Changed
        && rows is >= FewestStreamedRows and <= MostStreamedRows
        && (long)weight.Columns * weight.Depth >= LargeWeight;

    /// <summary>Cuts a result into blocks of equally many rows and, when these are too few for the threads, chunks of panels.</summary>
    internal static Division Divide(int rows, int columns, int depth, int threadCount)
    {
        var blocks = ((rows - 1) / MostBlockRows) + 1;
        var blockRows = ((((rows - 1) / blocks) / BlockRowMultiple) + 1) * BlockRowMultiple;
        var panels = Packing<V>.PanelCount(columns);
        var chunks = Math.Clamp(((PiecesPerThread * threadCount) + blocks - 1) / blocks, 1, panels);

        // Chunks begin at multiples of 64 columns, the group in which dropout is drawn.
        var group = Math.Max(1, 64 / Tiles<V>.Width);
        var perChunk = ((panels - 1) / chunks) + 1;
        return new Division(rows, columns, depth, blockRows, (((perChunk - 1) / group) + 1) * group);
    }

    /// <summary>Chunks of few panels, each for all rows, so that a piece of a weight is packed once.</summary>
    internal static Division DivideStreamed(PackedOperand weight, int rows, int threadCount)
    {
        var cut = Divide(1, weight.Columns, weight.Depth, threadCount);
        return cut with { Rows = rows, BlockRows = rows, PanelsPerChunk = Math.Min(StreamedPanels, cut.PanelsPerChunk) };
    }

    /// <summary>Floats that each thread has for a piece of a weight.</summary>
    internal static long StreamedPanelSize(in Division cut) => (long)cut.ChunkWidth * DepthBlock;

    private void Pack(PackedOperand weight, in ProductJob job)
    {
        if (weight.State == PackedState.Packed)
        {
            return;
        }

        weight.Panels ??= Allocate(DType.Float32, Packing<V>.Size(weight.Depth, weight.Columns));
        ForEach(Packing<V>.PanelCount(weight.Columns), 1, new PackBody
        {
            Source = job.Source,
            Pitch = job.SourcePitch,
            Depth = weight.Depth,
            Columns = weight.Columns,
            IsTransposed = job.IsTransposed,
            Panels = (float*)((CpuBuffer)weight.Panels).Pointer,
        });
        weight.State = PackedState.Packed;
    }

    /// <summary>How a product is cut: its result into pieces of rows and columns, its depth into passes of equally many terms.</summary>
    internal readonly record struct Division(int Rows, int Columns, int Depth, int BlockRows, int PanelsPerChunk)
    {
        public long Work => (long)Rows * Columns * Depth;

        public int ChunkWidth => PanelsPerChunk * Tiles<V>.Width;

        public int BlockCount => ((Rows - 1) / BlockRows) + 1;

        public int ChunkCount => ((Columns - 1) / ChunkWidth) + 1;

        public int PieceCount => BlockCount * ChunkCount;

        public int PassCount => ((Depth - 1) / DepthBlock) + 1;

        public int PassDepth => ((Depth - 1) / PassCount) + 1;

        /// <summary>First row and column of a piece; neighbours share the columns.</summary>
        public (int Row, int Column) ByColumns(int piece) => (piece % BlockCount * BlockRows, piece / BlockCount * ChunkWidth);

        /// <summary>First row and column of a piece; neighbours share the rows.</summary>
        public (int Row, int Column) ByRows(int piece) => (piece / ChunkCount * BlockRows, piece % ChunkCount * ChunkWidth);
    }

    /// <summary>Packs terms [k, k + depth) of one panel of a weight.</summary>
    private static void PackPanel(float* source, nint pitch, bool isTransposed, int k, int depth, int column, int columns, float* panel)
    {
        if (isTransposed)
        {
            Packing<V>.PackTransposed(source + (column * pitch) + k, pitch, depth, columns - column, panel);
        }
        else
        {
            Packing<V>.Pack(source + (k * pitch) + column, pitch, depth, columns - column, panel);
        }
    }

    private struct PackBody : IRangeBody
    {
        public float* Source;
        public nint Pitch;
        public int Depth;
        public int Columns;
        public bool IsTransposed;
        public float* Panels;

        public readonly void Run(long from, long to)
        {
            for (var panel = from; panel < to; panel++)
            {
                var column = (int)(panel * Tiles<V>.Width);
                PackPanel(Source, Pitch, IsTransposed, 0, Depth, column, Columns, Panels + ((long)column * Depth));
            }
        }
    }

    /// <summary>c = start + a·b: pieces of rows and columns in any order, each through its whole depth and then its epilogue.</summary>
    private struct ProductJob : IJob
    {
        public float* A;
        public nint RowStride;
        public float* Source;
        public nint SourcePitch;
        public bool IsTransposed;
        public float* Packed;
        public float* Scratch;
        public long ScratchSize;
        public float* Start;
        public nint StartPitch;
        public float* C;
        public nint Pitch;
        public Division Cut;
        public Epilogue Epilogue;

        public void Run(WorkerPool pool, int worker)
        {
            var (pieces, passDepth) = (Cut.PieceCount, Cut.PassDepth);
            for (var piece = pool.NextTicket(); piece < pieces; piece = pool.NextTicket())
            {
                // The panels are the larger operand when there is more than one chunk of them.
                var (row, column) = Cut.ByColumns(piece);
                var rows = Math.Min(Cut.BlockRows, Cut.Rows - row);
                var columns = Math.Min(Cut.ChunkWidth, Cut.Columns - column);
                for (var k = 0; k < Cut.Depth; k += passDepth)
                {
                    var depth = Math.Min(passDepth, Cut.Depth - k);
                    if (Packed is not null)
                    {
                        Pass(row, rows, column, columns, k, depth, Packed + ((long)column * Cut.Depth) + ((long)k * Tiles<V>.Width), Cut.Depth);
                        continue;
                    }

                    var panels = Scratch + (worker * ScratchSize);
                    for (var n = 0; n < columns; n += Tiles<V>.Width)
                    {
                        PackPanel(Source, SourcePitch, IsTransposed, k, depth, column + n, Cut.Columns, panels + (n * (long)depth));
                    }

                    for (var block = 0; block < rows; block += MostBlockRows)
                    {
                        Pass(row + block, Math.Min(MostBlockRows, rows - block), column, columns, k, depth, panels, depth);
                    }
                }

                Epilogue.Apply(row, rows, column, columns);
            }
        }

        private readonly void Pass(int row, int rows, int column, int columns, int k, int depth, float* panels, int panelDepth)
        {
            var tile = new Tile { RowStride = RowStride, StepStride = 1, PanelStride = Tiles<V>.Width, Depth = depth, Pitch = Pitch };
            for (var n = 0; n < columns; n += Tiles<V>.Width)
            {
                tile.A = A + (row * RowStride) + k;
                tile.B = panels + ((long)n * panelDepth);
                tile.C = C + (row * Pitch) + column + n;
                tile.Start = k > 0 ? tile.C : Start is null ? null : Start + (row * StartPitch) + column + n;
                tile.StartPitch = k > 0 ? Pitch : StartPitch;
                Tiles<V>.Multiply(tile, rows, Math.Min(Tiles<V>.Width, columns - n));
            }
        }
    }

    /// <summary>c = (c +) aᵀ·b with the depth, the tokens, cut in blocks: all threads pack a block of b, then share the result's rows.</summary>
    private struct GradientJob : IJob
    {
        public float* A;
        public nint StepStride;
        public float* Source;
        public nint SourcePitch;
        public float* Packed;
        public float* Blocks;
        public float* C;
        public nint Pitch;
        public bool Accumulate;
        public Division Cut;

        public void Run(WorkerPool pool, int worker)
        {
            var (panels, pieces, passDepth) = (Packing<V>.PanelCount(Cut.Columns), Cut.PieceCount, Cut.PassDepth);
            var block = Blocks + (worker * MostBlockRows * DepthBlock);
            var ticket = pool.NextTicket();
            for (var pass = 0; pass < Cut.PassCount; pass++)
            {
                // Two buffers take turns, so that a fast thread packs the next block while a slow one still reads this one.
                var from = pass * passDepth;
                var depth = Math.Min(passDepth, Cut.Depth - from);
                var packed = Packed + (pass % 2 * Packing<V>.Size(passDepth, Cut.Columns));
                for (var panel = worker; panel < panels; panel += pool.ThreadCount)
                {
                    PackPanel(
                        Source, SourcePitch, isTransposed: false, from, depth, panel * Tiles<V>.Width, Cut.Columns,
                        packed + ((long)panel * Tiles<V>.Width * depth));
                }

                pool.Barrier();
                var copied = -1;
                for (; ticket < (pass + 1) * pieces; ticket = pool.NextTicket())
                {
                    var (row, column) = Cut.ByRows(ticket - (pass * pieces));
                    if (row != copied)
                    {
                        CopyBlock(from, depth, row, block);
                        copied = row;
                    }

                    var tile = new Tile { A = block, StepStride = Cut.BlockRows, PanelStride = Tiles<V>.Width, Depth = depth };
                    Pass(tile, packed, depth, row, column, isFirst: from == 0);
                }
            }
        }

        /// <summary>One pass of one piece of the result; the tile says how to walk through a and b.</summary>
        public readonly void Pass(Tile tile, float* panels, nint panelPitch, int row, int column, bool isFirst)
        {
            (tile.RowStride, tile.StartPitch, tile.Pitch) = (1, Pitch, Pitch);
            var rows = Math.Min(Cut.BlockRows, Cut.Rows - row);
            for (var n = column; n < Math.Min(column + Cut.ChunkWidth, Cut.Columns); n += Tiles<V>.Width)
            {
                tile.B = panels + (n * panelPitch);
                tile.C = C + (row * Pitch) + n;
                tile.Start = isFirst && !Accumulate ? null : tile.C;
                Tiles<V>.Multiply(tile, rows, Math.Min(Tiles<V>.Width, Cut.Columns - n));
            }
        }

        /// <summary>The tiles walk down the columns of a, where each step may reach another page; so they walk in a copy.</summary>
        private readonly void CopyBlock(int from, int depth, int row, float* block)
        {
            var rows = Math.Min(Cut.BlockRows, Cut.Rows - row);
            for (var k = 0; k < depth; k++)
            {
                MatrixRows.Copy(A + ((from + k) * StepStride) + row, block + (k * Cut.BlockRows), rows);
            }
        }
    }

    /// <summary>The same for narrow matrices, read where they lie: nothing is packed, and nobody waits for anybody.</summary>
    private struct NarrowGradientJob : IJob
    {
        public GradientJob Gradient;

        public void Run(WorkerPool pool, int worker)
        {
            var cut = Gradient.Cut;
            for (var piece = pool.NextTicket(); piece < cut.PieceCount; piece = pool.NextTicket())
            {
                var (row, column) = cut.ByRows(piece);
                for (var from = 0; from < cut.Depth; from += cut.PassDepth)
                {
                    var tile = new Tile
                    {
                        A = Gradient.A + (from * Gradient.StepStride) + row,
                        StepStride = Gradient.StepStride,
                        PanelStride = Gradient.SourcePitch,
                        Depth = Math.Min(cut.PassDepth, cut.Depth - from),
                    };
                    Gradient.Pass(tile, Gradient.Source + (from * Gradient.SourcePitch), 1, row, column, isFirst: from == 0);
                }
            }
        }
    }
}
