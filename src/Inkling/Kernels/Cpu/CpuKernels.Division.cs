namespace Inkling.Kernels.Cpu;

/// <content>How products are cut into pieces for caches and threads. It changes no bit of a result.</content>
internal sealed unsafe partial class CpuKernels<V>
{
    // Steps of one pass. A panel of b and the rows of a tile lie in the second cache then, from where tiles can be fed; shorter passes
    // would read and write c more often.
    private const int StepBlock = 1_536;

    // The same for a weight that is packed piece by piece.
    private const int StreamedStepBlock = 768;

    // Most rows of one piece of work (half or twice as many for small and large weights), and what their number is a multiple of: every tile
    // height, so that only the matrix's own edge is ragged. A block of a then fills a part of the second cache.
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

    // Panels of such a piece: with a block of a they fill most of a second cache of 1 MB.
    private const int StreamedPanels = 8;

    // Chunks begin at multiples of so many columns: the group in which dropout is drawn, and whole panels.
    private const int ColumnGroup = 64;

    // Pieces per thread: enough that a thread which lost time to somebody else does not keep the others waiting.
    private const int PiecesPerThread = 8;

    /// <summary>Whether the panels of a weight are made piece by piece while they are used, and not kept.</summary>
    internal static bool IsWorthStreaming(PackedOperand weight, int rows)
        => weight.State == PackedState.Changed
        && rows is >= FewestStreamedRows and <= MostStreamedRows
        && (long)weight.Columns * weight.Depth >= LargeWeight;

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

    /// <summary>Chunks of few panels, each for all rows, so that a piece of a weight is packed once.</summary>
    internal static Division DivideStreamed(int rows, int columns, int steps, int threadCount)
    {
        var chunks = Math.Max(PiecesPerThread * threadCount, ((Packing<V>.PanelCount(columns) - 1) / StreamedPanels) + 1);
        return new Division(rows, columns, steps, StreamedStepBlock, BlockCount: 1, Math.Min(chunks, ColumnGroups(columns)));
    }

    private static int ColumnGroups(int columns) => ((columns - 1) / ColumnGroup) + 1;

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
}
