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

    public void Invalidate(PreparedWeight weight)
    {
        var prepared = (CpuPreparedWeight)weight;
        prepared.Forward.State = PackedState.Changed;
        prepared.Backward.State = PackedState.Changed;
    }

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
            Rows = rows.Columns,
            Columns = columns.Columns,
            Depth = rows.Rows,
            Accumulate = accumulate,
            C = Floats(dWeight),
            Pitch = dWeight.Pitch,
        };
        (job.BlockRows, job.PanelsPerChunk) = Divide(job.Rows, job.Columns);
        var pool = PoolFor((long)job.Rows * job.Columns * job.Depth);
        if (rows.Pitch <= NarrowPitch && columns.Pitch <= NarrowPitch && job.Columns % Tiles<V>.Width == 0)
        {
            var narrow = new NarrowGradientJob { Gradient = job };
            pool.Run(ref narrow);
            return;
        }

        job.Packed = _shared.Floats(2 * Packing<V>.Size(Math.Min(job.Depth, DepthBlock), job.Columns));
        job.Blocks = _perWorker.Floats((long)MostBlockRows * DepthBlock * _pool.ThreadCount);
        pool.Run(ref job);
    }

    private void Multiply(ref ProductJob job, PackedOperand weight, int rows)
    {
        (job.Rows, job.Columns, job.Depth) = (rows, weight.Columns, weight.Depth);
        if (weight.State == PackedState.Changed && rows is >= FewestStreamedRows and <= MostStreamedRows && (long)weight.Columns * weight.Depth >= LargeWeight)
        {
            weight.State = PackedState.Streamed;
            job.BlockRows = rows;
            job.PanelsPerChunk = Math.Min(StreamedPanels, Divide(1, job.Columns).PanelsPerChunk);
            job.ScratchSize = (long)job.PanelsPerChunk * Tiles<V>.Width * DepthBlock;
            job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        }
        else
        {
            Pack(weight, job);
            job.Packed = (float*)weight.Panels!.Pointer;
            (job.BlockRows, job.PanelsPerChunk) = Divide(rows, job.Columns);
        }

        PoolFor((long)rows * job.Columns * job.Depth).Run(ref job);
    }

    /// <summary>Cuts a result into blocks of equally many rows and, when these are too few for the threads, chunks of panels.</summary>
    private (int BlockRows, int PanelsPerChunk) Divide(int rows, int columns)
    {
        var blocks = ((rows - 1) / MostBlockRows) + 1;
        var blockRows = ((((rows - 1) / blocks) / BlockRowMultiple) + 1) * BlockRowMultiple;
        var panels = Packing<V>.PanelCount(columns);
        var chunks = Math.Clamp(((PiecesPerThread * _pool.ThreadCount) + blocks - 1) / blocks, 1, panels);

        // Chunks begin at multiples of 64 columns, the group in which dropout is drawn.
        var group = Math.Max(1, 64 / Tiles<V>.Width);
        var perChunk = ((panels - 1) / chunks) + 1;
        return (blockRows, (((perChunk - 1) / group) + 1) * group);
    }

    private void Pack(PackedOperand weight, in ProductJob job)
    {
        if (weight.State == PackedState.Packed)
        {
            return;
        }

        weight.Panels ??= new CpuBuffer(_memory, DType.Float32, Packing<V>.Size(weight.Depth, weight.Columns));
        ForEach(Packing<V>.PanelCount(weight.Columns), 1, new PackBody
        {
            Source = job.Source,
            Pitch = job.SourcePitch,
            Depth = weight.Depth,
            Columns = weight.Columns,
            IsTransposed = job.IsTransposed,
            Panels = (float*)weight.Panels.Pointer,
        });
        weight.State = PackedState.Packed;
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
        public int Rows;
        public int Columns;
        public int Depth;
        public int BlockRows;
        public int PanelsPerChunk;
        public Epilogue Epilogue;

        public void Run(WorkerPool pool, int worker)
        {
            var width = PanelsPerChunk * Tiles<V>.Width;
            var chunks = ((Columns - 1) / width) + 1;
            var passes = ((Depth - 1) / DepthBlock) + 1;
            var passDepth = ((Depth - 1) / passes) + 1;
            var blocks = ((Rows - 1) / BlockRows) + 1;
            for (var ticket = pool.NextTicket(); ticket < blocks * chunks; ticket = pool.NextTicket())
            {
                // Neighbouring tickets share the panels, which are the larger operand when there is more than one chunk.
                var row = ticket % blocks * BlockRows;
                var column = ticket / blocks * width;
                var rows = Math.Min(BlockRows, Rows - row);
                var columns = Math.Min(width, Columns - column);
                for (var k = 0; k < Depth; k += passDepth)
                {
                    var depth = Math.Min(passDepth, Depth - k);
                    if (Packed is not null)
                    {
                        Pass(row, rows, column, columns, k, depth, Packed + ((long)column * Depth) + ((long)k * Tiles<V>.Width), Depth);
                        continue;
                    }

                    var panels = Scratch + (worker * ScratchSize);
                    for (var n = 0; n < columns; n += Tiles<V>.Width)
                    {
                        PackPanel(Source, SourcePitch, IsTransposed, k, depth, column + n, Columns, panels + (n * (long)depth));
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
        public int Rows;
        public int Columns;
        public int Depth;
        public int BlockRows;
        public int PanelsPerChunk;

        public void Run(WorkerPool pool, int worker)
        {
            var width = PanelsPerChunk * Tiles<V>.Width;
            var chunks = ((Columns - 1) / width) + 1;
            var panels = Packing<V>.PanelCount(Columns);
            var passes = ((Depth - 1) / DepthBlock) + 1;
            var passDepth = ((Depth - 1) / passes) + 1;
            var pieces = (((Rows - 1) / BlockRows) + 1) * chunks;
            var ticket = pool.NextTicket();
            for (var pass = 0; pass < passes; pass++)
            {
                // Two buffers take turns, so that a fast thread packs the next block while a slow one still reads this one.
                var from = pass * passDepth;
                var depth = Math.Min(passDepth, Depth - from);
                var packed = Packed + (pass % 2 * Packing<V>.Size(passDepth, Columns));
                for (var panel = worker; panel < panels; panel += pool.ThreadCount)
                {
                    var column = panel * Tiles<V>.Width;
                    Packing<V>.Pack(
                        Source + (from * SourcePitch) + column, SourcePitch, depth, Columns - column, packed + ((long)column * depth));
                }

                pool.Barrier();
                var copied = -1;
                for (; ticket < (pass + 1) * pieces; ticket = pool.NextTicket())
                {
                    // Neighbouring tickets share the rows, so one copy of them often serves several pieces.
                    var piece = ticket - (pass * pieces);
                    var (row, column) = (piece / chunks * BlockRows, piece % chunks * width);
                    var block = Blocks + (worker * MostBlockRows * DepthBlock);
                    if (row != copied)
                    {
                        CopyBlock(from, depth, row, block);
                        copied = row;
                    }

                    var tile = new Tile { A = block, StepStride = BlockRows, PanelStride = Tiles<V>.Width, Depth = depth };
                    Pass(tile, packed, depth, row, column, width, isFirst: from == 0);
                }
            }
        }

        /// <summary>One depth of one piece of the result; the tile says how to walk through a and b.</summary>
        public readonly void Pass(Tile tile, float* panels, nint panelPitch, int row, int column, int width, bool isFirst)
        {
            (tile.RowStride, tile.StartPitch, tile.Pitch) = (1, Pitch, Pitch);
            var rows = Math.Min(BlockRows, Rows - row);
            for (var n = column; n < Math.Min(column + width, Columns); n += Tiles<V>.Width)
            {
                tile.B = panels + (n * panelPitch);
                tile.C = C + (row * Pitch) + n;
                tile.Start = isFirst && !Accumulate ? null : tile.C;
                Tiles<V>.Multiply(tile, rows, Math.Min(Tiles<V>.Width, Columns - n));
            }
        }

        /// <summary>The tiles walk down the columns of a, where each step may reach another page; so they walk in a copy.</summary>
        private readonly void CopyBlock(int from, int depth, int row, float* block)
        {
            var rows = Math.Min(BlockRows, Rows - row);
            for (var k = 0; k < depth; k++)
            {
                MatrixRows.Copy(A + ((from + k) * StepStride) + row, block + (k * BlockRows), rows);
            }
        }
    }

    /// <summary>The same for narrow matrices, read where they lie: nothing is packed, and nobody waits for anybody.</summary>
    private struct NarrowGradientJob : IJob
    {
        public GradientJob Gradient;

        public void Run(WorkerPool pool, int worker)
        {
            var width = Gradient.PanelsPerChunk * Tiles<V>.Width;
            var chunks = ((Gradient.Columns - 1) / width) + 1;
            var pieces = (((Gradient.Rows - 1) / Gradient.BlockRows) + 1) * chunks;
            for (var piece = pool.NextTicket(); piece < pieces; piece = pool.NextTicket())
            {
                var (row, column) = (piece / chunks * Gradient.BlockRows, piece % chunks * width);
                for (var from = 0; from < Gradient.Depth; from += DepthBlock)
                {
                    var tile = new Tile
                    {
                        A = Gradient.A + (from * Gradient.StepStride) + row,
                        StepStride = Gradient.StepStride,
                        PanelStride = Gradient.SourcePitch,
                        Depth = Math.Min(DepthBlock, Gradient.Depth - from),
                    };
                    Gradient.Pass(tile, Gradient.Source + (from * Gradient.SourcePitch), 1, row, column, width, isFirst: from == 0);
                }
            }
        }
    }
}
