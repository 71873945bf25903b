namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Steps of one pass. A panel of b and the rows of a tile lie in the second cache then, from where tiles can be fed; shorter passes
    // would read and write c more often.
    private const int StepBlock = 1_536;

    // The same for a weight that is packed piece by piece, and for the gradient of a weight, which comes from memory and goes back in every pass.
    private const int StreamedStepBlock = 768;
    private const int GradientStepBlock = 1_024;

    // Most rows of one piece of work, and what their number is a multiple of: every tile height, so that only the matrix's own edge
    // is ragged. A block of a then fills a part of the second cache.
    private const int MostBlockRows = 96;
    private const int BlockRowMultiple = 24;

    // A small weight stays in the second cache (512 KB), and then smaller blocks share the work better. A large one (8 MB) comes from far, and larger
    // blocks use it more often.
    private const long SmallWeight = 1 << 17;
    private const long LargestNearWeight = 1 << 21;

    // A weight this large (floats) does not wait in the cache for its next use. The first use after a change then packs it piece by
    // piece, each thread what it needs, instead of writing all of it to memory and reading it back.
    private const long LargeWeight = 1 << 20;

    // Rows that make packing a piece worth while, and rows up to which a piece of a stays near it.
    private const int FewestStreamedRows = 32;
    private const int MostStreamedRows = 2_048;

    // Panels of such a piece: with a block of a they fill about half of the second cache.
    private const int StreamedPanels = 8;

    // Panels of a weight that a thread packs at once, before it is used.
    private const int PackedPanels = 4;

    // Up to this pitch (floats) several rows share a page, and tiles can walk down the columns of a matrix where it lies; up to so many
    // rows, since every piece walks through all of them.
    private const int NarrowPitch = 512;
    private const int NarrowRows = 1_024;

    // The first cache has 64 sets of lines. Rows at a multiple of so many lines share one set, and drive each other out.
    private const int ConflictingPitch = 64 * FloatsPerLine;
    private const int FloatsPerLine = CpuBuffer.Alignment / sizeof(float);

    // Chunks begin at multiples of so many columns: the group in which dropout is drawn, and whole panels.
    private const int ColumnGroup = 64;

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
        => format == OperandFormat.Float32 && rows.Rows <= NarrowRows
        && rows.Pitch <= NarrowPitch && columns.Pitch <= NarrowPitch && columns.Columns % Tiles<V>.Width == 0;

    /// <summary>Elements that the threads share for a gradient that is not: two buffers take turns where there is more than one pass.</summary>
    internal static long GradientPanels(in Division cut) => Math.Min(2, cut.PassCount) * Packing<V>.Size(cut.PassSteps, cut.Columns);

    /// <summary>Elements that each thread has for it.</summary>
    internal static long GradientBlock(in Division cut) => (long)cut.BlockRows * cut.PassSteps;

    /// <summary>Whether the panels of a weight are made piece by piece while they are used, and not kept.</summary>
    internal static bool IsWorthStreaming(PackedOperand weight, int rows)
        => weight.State == PackedState.Changed
        && rows is >= FewestStreamedRows and <= MostStreamedRows
        && (long)weight.Columns * weight.Depth >= LargeWeight;

    /// <summary>Whether the left operand of a product is packed: for its format, or because tiles could not read its rows side by side where they lie.</summary>
    internal static bool IsLeftPacked(in Division cut, nint pitch, OperandFormat format)
        => format != OperandFormat.Float32 || (pitch % ConflictingPitch == 0 && cut.Rows >= BlockRowMultiple);

    /// <summary>Elements that the threads share for the left operand where its rows are used in several chunks of columns.</summary>
    internal static long SharedLeft(in Division cut) => cut.ChunkCount > 1 ? (long)cut.Rows * LeftPitch(cut.Steps) : 0;

    /// <summary>Elements that each thread has for rows of the left operand where these are used once.</summary>
    internal static long OwnLeft(in Division cut) => cut.ChunkCount > 1 ? 0 : (long)Math.Min(cut.BlockRows, cut.Rows) * LeftPitch(cut.Steps);

    /// <summary>Elements that each thread has for a piece of a weight.</summary>
    internal static long StreamedPanelSize(in Division cut) => (long)cut.ChunkWidth * cut.StepBlock;

    /// <summary>An odd number of lines, so that neighbouring rows lie in other sets of the cache.</summary>
    private static int LeftPitch(int steps) => (((steps + FloatsPerLine - 1) / FloatsPerLine) | 1) * FloatsPerLine;

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
            Cut = DivideGradient(rows.Columns, columns.Columns, Packing<V>.Steps<TFormat>(rows.Rows), _pool.ThreadCount),
        };
        var pool = PoolFor(job.Cut.Work);
        if (TFormat.ReadsInPlace && IsReadInPlace(rows, columns, OperandFormat.Float32))
        {
            var narrow = new NarrowGradientJob<TFormat> { Gradient = job };
            pool.Run(ref narrow);
            return;
        }

        job.Packed = _shared.Floats(GradientPanels(job.Cut));
        job.Blocks = _perWorker.Floats(GradientBlock(job.Cut) * _pool.ThreadCount);
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
            job.ScratchSize = StreamedPanelSize(job.Cut);
        }
        else
        {
            job.Cut = Divide(rows, weight.Columns, steps, _pool.ThreadCount);
            Pack(weight, job);
            job.Packed = (float*)((CpuBuffer)weight.Panels!).Pointer;
        }

        if (IsLeftPacked(job.Cut, job.RowStride, format))
        {
            job.IsLeftPacked = true;
            job.OwnLeft = OwnLeft(job.Cut);
            job.ScratchSize += job.OwnLeft;
            job.SharedLeft = SharedLeft(job.Cut) is > 0 and var size ? _shared.Floats(size) : null;
        }

        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(job.Cut.Work).Run(ref job);
    }

    /// <summary>Cuts a result into blocks of equally many rows and, when these are too few for the threads, chunks of panels.</summary>
    internal static Division Divide(int rows, int columns, int steps, int threadCount)
    {
        var size = (long)columns * steps;
        return Divide(rows, columns, steps, threadCount, size <= SmallWeight ? MostBlockRows / 2 : size <= LargestNearWeight ? MostBlockRows : 2 * MostBlockRows);
    }

    private static Division Divide(int rows, int columns, int steps, int threadCount, int mostBlockRows)
    {
        // As many blocks for each thread, where there are rows enough.
        var blocks = ((rows - 1) / mostBlockRows) + 1;
        blocks = Math.Min((((blocks - 1) / threadCount) + 1) * threadCount, ((rows - 1) / BlockRowMultiple) + 1);
        var chunks = ((PiecesPerThread * threadCount) + blocks - 1) / blocks;
        return new Division(rows, columns, steps, StepBlock, blocks, Math.Min(chunks, ColumnGroups(columns)));
    }

    /// <summary>The same for the gradient of a weight.</summary>
    internal static Division DivideGradient(int rows, int columns, int steps, int threadCount)
        => Divide(rows, columns, steps, threadCount, MostBlockRows) with { StepBlock = GradientStepBlock };

    /// <summary>Chunks of few panels, each for all rows, so that a piece of a weight is packed once.</summary>
    internal static Division DivideStreamed(int rows, int columns, int steps, int threadCount)
    {
        var chunks = Math.Max(PiecesPerThread * threadCount, ((Packing<V>.PanelCount(columns) - 1) / StreamedPanels) + 1);
        return new Division(rows, columns, steps, StreamedStepBlock, BlockCount: 1, Math.Min(chunks, ColumnGroups(columns)));
    }

    private static int ColumnGroups(int columns) => ((columns - 1) / ColumnGroup) + 1;

    private void Pack<TFormat>(PackedOperand weight, in ProductJob<TFormat> job)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        if (weight.State == PackedState.Packed)
        {
            return;
        }

        weight.Panels ??= Allocate(DType.Float32, Packing<V>.Size(job.Cut.Steps, weight.Columns));
        ForEach(Packing<V>.PanelCount(weight.Columns), PackedPanels, new PackBody<TFormat>
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
    internal readonly record struct Division(int Rows, int Columns, int Steps, int StepBlock, int BlockCount, int ChunkCount)
    {
        public long Work => (long)Rows * Columns * Steps;

        public int PieceCount => BlockCount * ChunkCount;

        /// <summary>Most rows of a block.</summary>
        public int BlockRows => Largest(Rows, BlockRowMultiple, BlockCount);

        /// <summary>Most columns of a chunk.</summary>
        public int ChunkWidth => Largest(Columns, ColumnGroup, ChunkCount);

        /// <summary>Passes of at most <see cref="StepBlock"/> steps.</summary>
        public int PassCount => ((Steps - 1) / StepBlock) + 1;

        /// <summary>An even number, so that no pair of terms is cut.</summary>
        public int PassSteps => ((((Steps - 1) / PassCount) + 2) / 2) * 2;

        /// <summary>Where a block begins, and where the one before it ends.</summary>
        public int FirstRow(int block) => First(Rows, BlockRowMultiple, BlockCount, block);

        /// <summary>Where a chunk of columns begins, and where the one before it ends.</summary>
        public int FirstColumn(int chunk) => First(Columns, ColumnGroup, ChunkCount, chunk);

        private static int First(int count, int unit, int parts, int part)
            => (int)Math.Min(count, (((long)count + unit - 1) / unit) * part / parts * unit);

        private static int Largest(int count, int unit, int parts)
        {
            var units = ((count - 1) / unit) + 1;
            return (((units - 1) / parts) + 1) * unit;
        }
    }

    /// <summary>Packs steps [step, step + count) of some panels of a weight, which begin at a column.</summary>
    private static void PackPanels<TFormat>(
        TFormat format, float* source, nint pitch, bool isTransposed, int step, int count, int terms, int column, int columns, float* panels)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var k = step * TFormat.TermsPerStep;
        terms = Math.Min(terms - k, count * TFormat.TermsPerStep);
        if (!isTransposed)
        {
            Packing<V>.Pack(format, source + (k * pitch) + column, pitch, terms, columns, panels);
            return;
        }

        for (var n = 0; n < columns; n += Tiles<V>.Width)
        {
            Packing<V>.PackTransposed(format, source + ((column + n) * pitch) + k, pitch, terms, columns - n, panels + (n * (long)count));
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
            var column = (int)(from * Tiles<V>.Width);
            var end = Math.Min((int)to * Tiles<V>.Width, Columns);
            PackPanels(Format, Source, Pitch, IsTransposed, 0, steps, Terms, column, end - column, Panels + ((long)column * steps));
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
        public bool IsLeftPacked;
        public float* SharedLeft;
        public long OwnLeft;
        public float* Start;
        public nint StartPitch;
        public float* C;
        public nint Pitch;
        public Division Cut;
        public Epilogue Epilogue;

        public void Run(WorkerPool pool, int worker)
        {
            var own = Scratch + (worker * ScratchSize);
            if (SharedLeft is not null)
            {
                while (pool.TryTake(worker, Cut.BlockCount, out var block))
                {
                    var row = Cut.FirstRow(block);
                    PackLeft(row, Cut.FirstRow(block + 1) - row, new MatrixRows(SharedLeft, LeftPitch(Cut.Steps)).From(row, 0));
                }

                pool.Barrier();
            }

            // The threads share the longer side of the result, so that each fetches less of what the other wrote.
            int rowBlock, chunk;
            if (Cut.Rows >= Cut.Columns)
            {
                while (pool.TryTake(worker, Cut.BlockCount, Cut.ChunkCount, out rowBlock, out chunk))
                {
                    Run(rowBlock, chunk, own);
                }
            }
            else
            {
                while (pool.TryTake(worker, Cut.PieceCount, out var piece))
                {
                    (chunk, rowBlock) = Math.DivRem(piece, Cut.BlockCount);
                    Run(rowBlock, chunk, own);
                }
            }
        }

        private readonly void Run(int block, int chunk, float* own)
        {
            var (row, column) = (Cut.FirstRow(block), Cut.FirstColumn(chunk));
            var (rows, columns) = (Cut.FirstRow(block + 1) - row, Cut.FirstColumn(chunk + 1) - column);
            var passSteps = Cut.PassSteps;
            var panels = own + OwnLeft;
            var a = new MatrixRows(A, RowStride).From(row, 0);
            if (SharedLeft is not null)
            {
                a = new MatrixRows(SharedLeft, LeftPitch(Cut.Steps)).From(row, 0);
            }
            else if (IsLeftPacked)
            {
                a = new MatrixRows(own, LeftPitch(Cut.Steps));
                PackLeft(row, rows, a);
            }

            for (var step = 0; step < Cut.Steps; step += passSteps)
            {
                var steps = Math.Min(passSteps, Cut.Steps - step);
                if (Packed is not null)
                {
                    var packedPanels = Packed + ((long)column * Cut.Steps) + ((long)step * Tiles<V>.Width);
                    Pass(a, row, rows, column, columns, step, steps, packedPanels, Cut.Steps);
                    continue;
                }

                PackPanels(Format, Source, SourcePitch, IsTransposed, step, steps, Terms, column, columns, panels);
                for (var part = 0; part < rows; part += MostBlockRows)
                {
                    Pass(a.From(part, 0), row + part, Math.Min(MostBlockRows, rows - part), column, columns, step, steps, panels, steps);
                }
            }

            Epilogue.Apply(row, rows, column, columns);
        }

        private readonly void PackLeft(int row, int rows, MatrixRows destination)
            => Format.PackRows(A + (row * RowStride), RowStride, rows, Terms, destination.Start, destination.Pitch);

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
            var (pieces, passSteps) = (Cut.PieceCount, Cut.PassSteps);
            var panelCount = Packing<V>.PanelCount(Cut.Columns);
            var block = Blocks + (worker * GradientBlock(Cut));
            for (var pass = 0; pass < Cut.PassCount; pass++)
            {
                // Two buffers take turns, so that a fast thread packs the next block while a slow one still reads this one.
                var from = pass * passSteps;
                var (steps, k) = (Math.Min(passSteps, Cut.Steps - from), from * TFormat.TermsPerStep);
                var terms = Math.Min(Terms - k, steps * TFormat.TermsPerStep);
                var packed = Packed + (pass % 2 * Packing<V>.Size(passSteps, Cut.Columns));

                // Columns side by side: threads that took turns would fetch each other's lines too.
                var column = (int)((long)panelCount * worker / pool.ThreadCount) * Tiles<V>.Width;
                var end = Math.Min((int)((long)panelCount * (worker + 1) / pool.ThreadCount) * Tiles<V>.Width, Cut.Columns);
                Packing<V>.Pack(Format, Source + (k * SourcePitch) + column, SourcePitch, terms, end - column, packed + ((long)column * steps));

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
                for (var from = 0; from < cut.Steps; from += cut.PassSteps)
                {
                    var tile = new Tile
                    {
                        A = Gradient.A + (from * Gradient.StepStride) + cut.FirstRow(block),
                        StepStride = Gradient.StepStride,
                        PanelStride = Gradient.SourcePitch,
                        Depth = Math.Min(cut.PassSteps, cut.Steps - from),
                    };
                    Gradient.Pass(tile, Gradient.Source + (from * Gradient.SourcePitch), 1, block, chunk, isFirst: from == 0);
                }
            }
        }
    }
}
