namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Steps of one pass: a panel of b (2W × 384 elements) about fills the first cache, and the block of a stays in the second.
    private const int StepBlock = 384;

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
        switch (FormatOf(arguments.Weight.Precision))
        {
            case OperandFormat.Paired:
                Linear(new PairedOperands<V>(_bfloat16.Value.Code!.Functions), arguments);
                break;
            case OperandFormat.Rounded:
                Linear(default(RoundedOperands<V>), arguments);
                break;
            default:
                Linear(default(Float32Operands<V>), arguments);
                break;
        }
    }

    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        KernelChecks.LinearBackwardInput(dy, weight, dx);
        switch (FormatOf(weight.Precision))
        {
            case OperandFormat.Paired:
                LinearBackwardInput(new PairedOperands<V>(_bfloat16.Value.Code!.Functions), dy, (CpuPreparedWeight)weight, dx, accumulate);
                break;
            case OperandFormat.Rounded:
                LinearBackwardInput(default(RoundedOperands<V>), dy, (CpuPreparedWeight)weight, dx, accumulate);
                break;
            default:
                LinearBackwardInput(default(Float32Operands<V>), dy, (CpuPreparedWeight)weight, dx, accumulate);
                break;
        }
    }

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
    internal static bool IsReadInPlace(in MatrixView rows, in MatrixView columns, OperandFormat format)
        => format == OperandFormat.Float32 && rows.Pitch <= NarrowPitch && columns.Pitch <= NarrowPitch && columns.Columns % Tiles<V>.Width == 0;

    /// <summary>Elements that the threads share for a gradient that is not: two buffers take turns where there is more than one pass.</summary>
    internal static long GradientPanels(in Division cut) => Math.Min(2, cut.PassCount) * Packing<V>.Size(cut.PassSteps, cut.Columns);

    /// <summary>Elements that each thread has for it.</summary>
    internal static long GradientBlock => (long)MostBlockRows * StepBlock;

    /// <summary>Whether the panels of a weight are made piece by piece while they are used, and not kept.</summary>
    internal static bool IsWorthStreaming(PackedOperand weight, int rows)
        => weight.State == PackedState.Changed
        && rows is >= FewestStreamedRows and <= MostStreamedRows
        && (long)weight.Columns * weight.Depth >= LargeWeight;

    /// <summary>Elements that each thread has for rows of the left operand.</summary>
    internal static long LeftSize(in Division cut, OperandFormat format)
        => format == OperandFormat.Float32 ? 0 : RoundUp((long)Math.Min(cut.BlockRows, cut.Rows) * cut.Steps, CpuBuffer.Alignment / sizeof(float));

    /// <summary>Elements that each thread has for a piece of a weight.</summary>
    internal static long StreamedPanelSize(in Division cut) => (long)cut.ChunkWidth * StepBlock;

    private static long RoundUp(long count, int multiple) => (count + multiple - 1) / multiple * multiple;

    private void Linear<TFormat>(TFormat format, in LinearArguments arguments)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var weight = (CpuPreparedWeight)arguments.Weight;
        var target = arguments.Preactivation.IsNone ? arguments.Y : arguments.Preactivation;
        var job = new ProductJob<TFormat>
        {
            Format = format,
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

    private void LinearBackwardInput<TFormat>(TFormat format, MatrixView dy, CpuPreparedWeight weight, MatrixView dx, bool accumulate)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var job = new ProductJob<TFormat>
        {
            Format = format,
            A = Floats(dy),
            RowStride = dy.Pitch,
            Source = Floats(weight.Source),
            SourcePitch = weight.Source.Pitch,
            IsTransposed = weight.Layout == WeightLayout.InputByOutput,
            Start = accumulate ? Floats(dx) : null,
            StartPitch = dx.Pitch,
            C = Floats(dx),
            Pitch = dx.Pitch,
        };
        Multiply(ref job, weight.Backward, dy.Rows);
    }

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
            Cut = Divide(rows.Columns, columns.Columns, Packing<V>.Steps<TFormat>(rows.Rows), _pool.ThreadCount),
        };
        var pool = PoolFor(job.Cut.Work);
        if (TFormat.ReadsInPlace && IsReadInPlace(rows, columns, OperandFormat.Float32))
        {
            var narrow = new NarrowGradientJob<TFormat> { Gradient = job };
            pool.Run(ref narrow);
            return;
        }

        job.Packed = _shared.Floats(GradientPanels(job.Cut));
        job.Blocks = _perWorker.Floats(GradientBlock * _pool.ThreadCount);
        pool.Run(ref job);
    }

    private void Multiply<TFormat>(ref ProductJob<TFormat> job, PackedOperand weight, int rows)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var steps = Packing<V>.Steps<TFormat>(weight.Depth);
        var format = TFormat.ReadsInPlace ? OperandFormat.Float32 : TFormat.TermsPerStep > 1 ? OperandFormat.Paired : OperandFormat.Rounded;
        job.Terms = weight.Depth;
        if (IsWorthStreaming(weight, rows))
        {
            weight.State = PackedState.Streamed;
            job.Cut = DivideStreamed(rows, weight.Columns, steps, _pool.ThreadCount);
            job.LeftSize = LeftSize(job.Cut, format);
            job.ScratchSize = job.LeftSize + StreamedPanelSize(job.Cut);
        }
        else
        {
            job.Cut = Divide(rows, weight.Columns, steps, _pool.ThreadCount);
            job.LeftSize = job.ScratchSize = LeftSize(job.Cut, format);
            Pack(weight, job);
            job.Packed = (float*)((CpuBuffer)weight.Panels!).Pointer;
        }

        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(job.Cut.Work).Run(ref job);
    }

    /// <summary>Cuts a result into blocks of equally many rows and, when these are too few for the threads, chunks of panels.</summary>
    internal static Division Divide(int rows, int columns, int steps, int threadCount)
    {
        var blocks = ((rows - 1) / MostBlockRows) + 1;
        var blockRows = ((((rows - 1) / blocks) / BlockRowMultiple) + 1) * BlockRowMultiple;
        var panels = Packing<V>.PanelCount(columns);
        var chunks = Math.Clamp(((PiecesPerThread * threadCount) + blocks - 1) / blocks, 1, panels);

        // Chunks begin at multiples of 64 columns, the group in which dropout is drawn.
        var group = Math.Max(1, 64 / Tiles<V>.Width);
        var perChunk = ((panels - 1) / chunks) + 1;
        return new Division(rows, columns, steps, blockRows, (((perChunk - 1) / group) + 1) * group);
    }

    /// <summary>Chunks of few panels, each for all rows, so that a piece of a weight is packed once.</summary>
    internal static Division DivideStreamed(int rows, int columns, int steps, int threadCount)
    {
        var cut = Divide(1, columns, steps, threadCount);
        return cut with { Rows = rows, BlockRows = rows, PanelsPerChunk = Math.Min(StreamedPanels, cut.PanelsPerChunk) };
    }

    private void Pack<TFormat>(PackedOperand weight, in ProductJob<TFormat> job)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        if (weight.State == PackedState.Packed)
        {
            return;
        }

        weight.Panels ??= Allocate(DType.Float32, Packing<V>.Size(job.Cut.Steps, weight.Columns));
        ForEach(Packing<V>.PanelCount(weight.Columns), 1, new PackBody<TFormat>
        {
            Format = job.Format,
            Source = job.Source,
            Pitch = job.SourcePitch,
            Terms = weight.Depth,
            Columns = weight.Columns,
            IsTransposed = job.IsTransposed,
            Panels = (float*)((CpuBuffer)weight.Panels).Pointer,
        });
        weight.State = PackedState.Packed;
    }

    /// <summary>How a product is cut: its result into pieces of rows and columns, its sums into passes of equally many steps.</summary>
    internal readonly record struct Division(int Rows, int Columns, int Steps, int BlockRows, int PanelsPerChunk)
    {
        public long Work => (long)Rows * Columns * Steps;

        public int ChunkWidth => PanelsPerChunk * Tiles<V>.Width;

        public int BlockCount => ((Rows - 1) / BlockRows) + 1;

        public int ChunkCount => ((Columns - 1) / ChunkWidth) + 1;

        public int PieceCount => BlockCount * ChunkCount;

        public int PassCount => ((Steps - 1) / StepBlock) + 1;

        /// <summary>An even number, so that no pair of terms is cut.</summary>
        public int PassSteps => ((((Steps - 1) / PassCount) + 2) / 2) * 2;

        /// <summary>First row and column of a piece; neighbours share the columns.</summary>
        public (int Row, int Column) ByColumns(int piece) => (piece % BlockCount * BlockRows, piece / BlockCount * ChunkWidth);

        /// <summary>First row and column of a piece; neighbours share the rows.</summary>
        public (int Row, int Column) ByRows(int piece) => (piece / ChunkCount * BlockRows, piece % ChunkCount * ChunkWidth);
    }

    /// <summary>Packs steps [step, step + count) of one panel of a weight.</summary>
    private static void PackPanel<TFormat>(
        TFormat format, float* source, nint pitch, bool isTransposed, int step, int count, int terms, int column, int columns, float* panel)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var k = step * TFormat.TermsPerStep;
        terms = Math.Min(terms - k, count * TFormat.TermsPerStep);
        if (isTransposed)
        {
            Packing<V>.PackTransposed(format, source + (column * pitch) + k, pitch, terms, columns - column, panel);
        }
        else
        {
            Packing<V>.Pack(format, source + (k * pitch) + column, pitch, terms, columns - column, panel);
        }
    }

    private struct PackBody<TFormat> : IRangeBody
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public TFormat Format;
        public float* Source;
        public nint Pitch;
        public int Terms;
        public int Columns;
        public bool IsTransposed;
        public float* Panels;

        public readonly void Run(long from, long to)
        {
            var steps = Packing<V>.Steps<TFormat>(Terms);
            for (var panel = from; panel < to; panel++)
            {
                var column = (int)(panel * Tiles<V>.Width);
                PackPanel(Format, Source, Pitch, IsTransposed, 0, steps, Terms, column, Columns, Panels + ((long)column * steps));
            }
        }
    }

    /// <summary>c = start + a·b: pieces of rows and columns in any order, each through all its steps and then its epilogue.</summary>
    private struct ProductJob<TFormat> : IJob
        where TFormat : unmanaged, IOperandFormat<V>
    {
        public TFormat Format;
        public float* A;
        public nint RowStride;
        public float* Source;
        public nint SourcePitch;
        public bool IsTransposed;
        public int Terms;
        public float* Packed;
        public float* Scratch;
        public long ScratchSize;
        public long LeftSize;
        public float* Start;
        public nint StartPitch;
        public float* C;
        public nint Pitch;
        public Division Cut;
        public Epilogue Epilogue;

        public void Run(WorkerPool pool, int worker)
        {
            var (pieces, passSteps) = (Cut.PieceCount, Cut.PassSteps);
            var left = Scratch + (worker * ScratchSize);
            var panels = left + LeftSize;
            var packedRow = -1;
            for (var piece = pool.NextTicket(); piece < pieces; piece = pool.NextTicket())
            {
                // The panels are the larger operand when there is more than one chunk of them.
                var (row, column) = Cut.ByColumns(piece);
                var rows = Math.Min(Cut.BlockRows, Cut.Rows - row);
                var columns = Math.Min(Cut.ChunkWidth, Cut.Columns - column);
                var a = new MatrixRows(A, RowStride).From(row, 0);
                if (!TFormat.ReadsInPlace)
                {
                    if (row != packedRow)
                    {
                        Format.PackRows(a.Start, RowStride, rows, Terms, left, Cut.Steps);
                        packedRow = row;
                    }

                    a = new MatrixRows(left, Cut.Steps);
                }

                for (var step = 0; step < Cut.Steps; step += passSteps)
                {
                    var steps = Math.Min(passSteps, Cut.Steps - step);
                    if (Packed is not null)
                    {
                        var packed = Packed + ((long)column * Cut.Steps) + ((long)step * Tiles<V>.Width);
                        Pass(a, row, rows, column, columns, step, steps, packed, Cut.Steps);
                        continue;
                    }

                    for (var n = 0; n < columns; n += Tiles<V>.Width)
                    {
                        PackPanel(
                            Format, Source, SourcePitch, IsTransposed, step, steps, Terms, column + n, Cut.Columns, panels + (n * (long)steps));
                    }

                    for (var block = 0; block < rows; block += MostBlockRows)
                    {
                        Pass(a.From(block, 0), row + block, Math.Min(MostBlockRows, rows - block), column, columns, step, steps, panels, steps);
                    }
                }

                Epilogue.Apply(row, rows, column, columns);
            }
        }

        /// <summary>Some steps of a piece; a holds its rows.</summary>
        private readonly void Pass(in MatrixRows a, int row, int rows, int column, int columns, int step, int steps, float* panels, int panelSteps)
        {
            var tile = new Tile { RowStride = a.Pitch, StepStride = 1, PanelStride = Tiles<V>.Width, Depth = steps, Pitch = Pitch };
            for (var n = 0; n < columns; n += Tiles<V>.Width)
            {
                tile.A = a.Start + step;
                tile.B = panels + ((long)n * panelSteps);
                tile.C = C + (row * Pitch) + column + n;
                tile.Start = step > 0 ? tile.C : Start is null ? null : Start + (row * StartPitch) + column + n;
                tile.StartPitch = step > 0 ? Pitch : StartPitch;
                Format.Multiply(tile, rows, Math.Min(Tiles<V>.Width, columns - n));
            }
        }
    }

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
            var (panels, pieces, passSteps) = (Packing<V>.PanelCount(Cut.Columns), Cut.PieceCount, Cut.PassSteps);
            var block = Blocks + (worker * GradientBlock);
            var ticket = pool.NextTicket();
            for (var pass = 0; pass < Cut.PassCount; pass++)
            {
                // Two buffers take turns, so that a fast thread packs the next block while a slow one still reads this one.
                var from = pass * passSteps;
                var steps = Math.Min(passSteps, Cut.Steps - from);
                var packed = Packed + (pass % 2 * Packing<V>.Size(passSteps, Cut.Columns));
                for (var panel = worker; panel < panels; panel += pool.ThreadCount)
                {
                    PackPanel(
                        Format, Source, SourcePitch, isTransposed: false, from, steps, Terms, panel * Tiles<V>.Width, Cut.Columns,
                        packed + ((long)panel * Tiles<V>.Width * steps));
                }

                pool.Barrier();
                var copied = -1;
                for (; ticket < (pass + 1) * pieces; ticket = pool.NextTicket())
                {
                    var (row, column) = Cut.ByRows(ticket - (pass * pieces));
                    if (row != copied)
                    {
                        // The tiles walk down the columns of a, where each step may reach another page; so they walk in a copy.
                        var k = from * TFormat.TermsPerStep;
                        Format.PackColumns(
                            A + (k * StepStride) + row, StepStride, Math.Min(Terms - k, steps * TFormat.TermsPerStep),
                            Math.Min(Cut.BlockRows, Cut.Rows - row), block, Cut.BlockRows);
                        copied = row;
                    }

                    var tile = new Tile { A = block, StepStride = Cut.BlockRows, PanelStride = Tiles<V>.Width, Depth = steps };
                    Pass(tile, packed, steps, row, column, isFirst: from == 0);
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
            for (var piece = pool.NextTicket(); piece < cut.PieceCount; piece = pool.NextTicket())
            {
                var (row, column) = cut.ByRows(piece);
                for (var from = 0; from < cut.Steps; from += cut.PassSteps)
                {
                    var tile = new Tile
                    {
                        A = Gradient.A + (from * Gradient.StepStride) + row,
                        StepStride = Gradient.StepStride,
                        PanelStride = Gradient.SourcePitch,
                        Depth = Math.Min(cut.PassSteps, cut.Steps - from),
                    };
                    Gradient.Pass(tile, Gradient.Source + (from * Gradient.SourcePitch), 1, row, column, isFirst: from == 0);
                }
            }
        }
    }
}
