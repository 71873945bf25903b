using System.Runtime.ExceptionServices;
using Inkling.Text.Splitting;

namespace Inkling.Text.Learning;

/// <summary>Counts the different pieces of a text.</summary>
internal static class PieceCounter
{
    /// <summary>Counts with several threads; how many there are changes nothing in the counts.</summary>
    /// <param name="blocks">The text.</param>
    /// <param name="splitter">Splits it into pieces.</param>
    /// <param name="threadCount">How many threads may count.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The pieces, and how many there are with repetitions.</returns>
    public static (PieceTable Table, long PieceCount) Count(TextBlocks blocks, Splitter splitter, int threadCount, CancellationToken cancellation)
    {
        var tables = new PieceTable[threadCount];
        long pieceCount = 0;
        try
        {
            Parallel.For(0, threadCount, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, thread =>
            {
                PieceTable table = tables[thread] = new PieceTable();
                Interlocked.Add(ref pieceCount, CountBlocks(blocks, splitter, table, cancellation));
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        PieceTable all = tables[0];
        foreach (PieceTable table in tables.AsSpan(1))
            all.Add(table, cancellation);

        return (all, pieceCount);
    }

    private static long CountBlocks(TextBlocks blocks, Splitter splitter, PieceTable table, CancellationToken cancellation)
    {
        long pieceCount = 0;
        byte[] buffer = [];
        try
        {
            for (int length; (length = blocks.Next(ref buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                pieceCount += CountPieces(buffer.AsSpan(0, length), splitter, table);
            }
        }
        catch
        {
            blocks.Stop(); // the other threads need not go on
            throw;
        }

        return pieceCount;
    }

    private static long CountPieces(ReadOnlySpan<byte> text, Splitter splitter, PieceTable table)
    {
        long pieceCount = 0;
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = splitter.Next(text, ref start);
            if (start == text.Length)
                break;

            table.Add(text[start..end], 1);
            pieceCount++;
        }

        return pieceCount;
    }
}
