namespace Inkling.Kernels.Cpu;

/// <content>Products with a weight: y = x·W and dx = dy·Wᵀ.</content>
internal sealed unsafe partial class CpuKernels<V>
{
    // Most panels of a weight that a thread packs at once, before it is used; fewer, where there are few for the threads.
    private const int PackedPanels = 4;

    // The first cache has 64 sets of lines. Rows at a multiple of so many lines share one set, and drive each other out.
    private const int ConflictingPitch = 64 * FloatsPerLine;
    private const int FloatsPerLine = CpuBuffer.Alignment / sizeof(float);

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

    /// <summary>Whether the left operand of a product is packed: for its format, or because tiles could not read its rows side by side where they lie.</summary>
    internal static bool IsLeftPacked(in Division cut, nint pitch, bool formatReadsInPlace)
        => !formatReadsInPlace || (pitch % ConflictingPitch == 0 && cut.Rows >= BlockRowMultiple);

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

    private void Multiply<TFormat>(ref ProductJob<TFormat> job, PackedOperand weight, int rows)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        var steps = Packing<V>.Steps<TFormat>(weight.Depth);
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

        if (IsLeftPacked(job.Cut, job.RowStride, TFormat.ReadsInPlace))
        {
            job.OwnLeft = OwnLeft(job.Cut);
            job.ScratchSize += job.OwnLeft;
            job.SharedLeft = SharedLeft(job.Cut) is > 0 and var size ? _shared.Floats(size) : null;
        }

        job.Scratch = _perWorker.Floats(job.ScratchSize * _pool.ThreadCount);
        PoolFor(job.Cut.Work).Run(ref job);
    }

    private void Pack<TFormat>(PackedOperand weight, in ProductJob<TFormat> job)
        where TFormat : unmanaged, IOperandFormat<V>
    {
        if (weight.State == PackedState.Packed)
        {
            return;
        }

        weight.Panels ??= Allocate(DType.Float32, Packing<V>.Size(job.Cut.Steps, weight.Columns));
        var panels = Packing<V>.PanelCount(weight.Columns);
        ForEach(panels, Math.Clamp(panels / (2 * _pool.ThreadCount), 1, PackedPanels), new PackBody<TFormat>
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
                // For all threads, also where a streamed weight has all rows in one block.
                var left = Cut with { BlockCount = ((Cut.Rows - 1) / MostBlockRows) + 1 };
                while (pool.TryTake(worker, left.BlockCount, out var block))
                {
                    var row = left.FirstRow(block);
                    PackLeft(row, left.FirstRow(block + 1) - row, new MatrixRows(SharedLeft, LeftPitch(Cut.Steps)).From(row, 0));
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
            else if (OwnLeft > 0)
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
}
