namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Depth of one pass: a panel of b (2W × 384 floats) about fills the first cache, and the block of a stays in the second.
    private const int DepthBlock = 384;

    // Rows of one piece of work: a multiple of every tile height, so that only the matrix's own edge is ragged.
    private const int RowBlock = 144;

    // Pieces per thread: enough that a thread which lost time to somebody else does not keep the others waiting.
    private const int PiecesPerThread = 4;

    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision)
    {
        KernelChecks.Prepare(weight);
        return new CpuPreparedWeight(weight, layout, precision);
    }

    public void Invalidate(PreparedWeight weight)
    {
        var prepared = (CpuPreparedWeight)weight;
        prepared.Forward.IsCurrent = false;
        prepared.Backward.IsCurrent = false;
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
            B = Packed(weight.Forward, weight.Source, transposed: weight.Layout == WeightLayout.OutputByInput),
            Start = Floats(arguments.Bias),
            StartPitch = 0,
            C = Floats(target),
            Pitch = target.Pitch,
            Epilogue = new Epilogue(arguments, Floats(target), target.Pitch),
        };
        Multiply(ref job, arguments.X.Rows, weight.OutputCount, weight.InputCount);
    }

    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        KernelChecks.LinearBackwardInput(dy, weight, dx);
        var prepared = (CpuPreparedWeight)weight;
        var job = new ProductJob
        {
            A = Floats(dy),
            RowStride = dy.Pitch,
            B = Packed(prepared.Backward, prepared.Source, transposed: prepared.Layout == WeightLayout.InputByOutput),
            Start = accumulate ? Floats(dx) : null,
            StartPitch = dx.Pitch,
            C = Floats(dx),
            Pitch = dx.Pitch,
        };
        Multiply(ref job, dy.Rows, prepared.InputCount, prepared.OutputCount);
    }

    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, bool accumulate)
    {
        KernelChecks.LinearBackwardWeight(x, dy, dWeight, layout);

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
        (job.RowBlocks, job.PanelsPerChunk) = Divide(job.Rows, job.Columns);
        job.Packed = _shared.Floats(2 * Packing<V>.Size(Math.Min(job.Depth, DepthBlock), job.Columns));
        _pool.Run(ref job);
    }

    private void Multiply(ref ProductJob job, int rows, int columns, int depth)
    {
        (job.Rows, job.Columns, job.Depth) = (rows, columns, depth);
        (job.RowBlocks, job.PanelsPerChunk) = Divide(rows, columns);
        _pool.Run(ref job);
    }

    /// <summary>Cuts a result into blocks of rows and, when these are too few for the threads, chunks of panels.</summary>
    private (int RowBlocks, int PanelsPerChunk) Divide(int rows, int columns)
    {
        var rowBlocks = ((rows - 1) / RowBlock) + 1;
        var panels = Packing<V>.PanelCount(columns);
        var chunks = Math.Clamp(((PiecesPerThread * _pool.ThreadCount) + rowBlocks - 1) / rowBlocks, 1, panels);

        // Chunks begin at multiples of 64 columns, the group in which dropout is drawn.
        var group = Math.Max(1, 64 / Tiles<V>.Width);
        var perChunk = ((panels - 1) / chunks) + 1;
        return (rowBlocks, (((perChunk - 1) / group) + 1) * group);
    }

    private float* Packed(PackedOperand operand, MatrixView source, bool transposed)
    {
        if (!operand.IsCurrent)
        {
            operand.Panels ??= new CpuBuffer(_memory, DType.Float32, Packing<V>.Size(operand.Depth, operand.Columns));
            ForEach(Packing<V>.PanelCount(operand.Columns), 1, new PackBody
            {
                Source = Floats(source),
                Pitch = source.Pitch,
                Depth = operand.Depth,
                Columns = operand.Columns,
                Transposed = transposed,
                Panels = (float*)operand.Panels.Pointer,
            });
            operand.IsCurrent = true;
        }

        return (float*)operand.Panels!.Pointer;
    }

    private struct PackBody : IRangeBody
    {
        public float* Source;
        public nint Pitch;
        public int Depth;
        public int Columns;
        public bool Transposed;
        public float* Panels;

        public readonly void Run(long from, long to)
        {
            for (var panel = from; panel < to; panel++)
            {
                var column = (int)(panel * Tiles<V>.Width);
                var destination = Panels + (panel * Tiles<V>.Width * Depth);
                if (Transposed)
                {
                    Packing<V>.PackTransposed(Source + (column * Pitch), Pitch, Depth, Columns - column, destination);
                }
                else
                {
                    Packing<V>.Pack(Source + column, Pitch, Depth, Columns - column, destination);
                }
            }
        }
    }

    /// <summary>c = start + a·b with b packed whole: rows and chunks of columns in any order, each through its whole depth.</summary>
    private struct ProductJob : IJob
    {
        public float* A;
        public nint RowStride;
        public float* B;
        public float* Start;
        public nint StartPitch;
        public float* C;
        public nint Pitch;
        public int Rows;
        public int Columns;
        public int Depth;
        public int RowBlocks;
        public int PanelsPerChunk;
        public Epilogue Epilogue;

        public void Run(WorkerPool pool, int worker)
        {
            var width = PanelsPerChunk * Tiles<V>.Width;
            var chunks = ((Columns - 1) / width) + 1;
            var passes = ((Depth - 1) / DepthBlock) + 1;
            var passDepth = ((Depth - 1) / passes) + 1;
            for (var ticket = pool.NextTicket(); ticket < RowBlocks * chunks; ticket = pool.NextTicket())
            {
                // Neighbouring tickets share the panels, which are the larger operand when there is more than one chunk.
                var row = ticket % RowBlocks * RowBlock;
                var column = ticket / RowBlocks * width;
                var rows = Math.Min(RowBlock, Rows - row);
                var columns = Math.Min(width, Columns - column);
                for (var k = 0; k < Depth; k += passDepth)
                {
                    Pass(row, rows, column, columns, k, Math.Min(passDepth, Depth - k));
                }

                Epilogue.Apply(row, rows, column, columns);
            }
        }

        private readonly void Pass(int row, int rows, int column, int columns, int k, int depth)
        {
            var tile = new Tile { RowStride = RowStride, StepStride = 1, Depth = depth, Pitch = Pitch };
            for (var n = column; n < column + columns; n += Tiles<V>.Width)
            {
                tile.A = A + (row * RowStride) + k;
                tile.B = B + ((long)n * Depth) + ((long)k * Tiles<V>.Width);
                tile.C = C + (row * Pitch) + n;
                tile.Start = k > 0 ? tile.C : Start is null ? null : Start + (row * StartPitch) + n;
                tile.StartPitch = k > 0 ? Pitch : StartPitch;

                Tiles<V>.Multiply(tile, rows, Math.Min(Tiles<V>.Width, column + columns - n));
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
        public float* C;
        public nint Pitch;
        public bool Accumulate;
        public int Rows;
        public int Columns;
        public int Depth;
        public int RowBlocks;
        public int PanelsPerChunk;

        public void Run(WorkerPool pool, int worker)
        {
            var width = PanelsPerChunk * Tiles<V>.Width;
            var chunks = ((Columns - 1) / width) + 1;
            var panels = Packing<V>.PanelCount(Columns);
            var passes = ((Depth - 1) / DepthBlock) + 1;
            var passDepth = ((Depth - 1) / passes) + 1;
            var ticket = pool.NextTicket();
            var end = 0;
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
                end += RowBlocks * chunks;
                for (; ticket < end; ticket = pool.NextTicket())
                {
                    var piece = ticket - (end - (RowBlocks * chunks));
                    Pass(packed, from, depth, piece % RowBlocks * RowBlock, piece / RowBlocks * width, width);
                }
            }
        }

        private readonly void Pass(float* packed, int from, int depth, int row, int column, int width)
        {
            var tile = new Tile { RowStride = 1, StepStride = StepStride, Depth = depth, StartPitch = Pitch, Pitch = Pitch };
            var rows = Math.Min(RowBlock, Rows - row);
            for (var n = column; n < Math.Min(column + width, Columns); n += Tiles<V>.Width)
            {
                tile.A = A + (from * StepStride) + row;
                tile.B = packed + ((long)n * depth);
                tile.C = C + (row * Pitch) + n;
                tile.Start = from > 0 || Accumulate ? tile.C : null;
                Tiles<V>.Multiply(tile, rows, Math.Min(Tiles<V>.Width, Columns - n));
            }
        }
    }
}
