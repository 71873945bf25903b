namespace Inkling.Kernels;

/// <summary>
/// A window of <see cref="Rows"/> × <see cref="Columns"/> elements in a buffer, row by row, each row
/// <see cref="Pitch"/> elements after the one before. A column slice of packed query-key-value, a row of a
/// cache or a segment of the parameters are all such views. <c>default</c> stands for "none".
/// </summary>
/// <param name="Buffer">Memory that holds the elements; null only in <c>default</c>.</param>
/// <param name="Offset">Index of the first element in the buffer.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="Pitch">Elements from the start of a row to the start of the next, at least <paramref name="Columns"/>.</param>
public readonly record struct MatrixView(DeviceBuffer Buffer, long Offset, int Rows, int Columns, int Pitch)
{
    /// <summary>True for <c>default</c>: an optional operand that is absent.</summary>
    public bool IsNone => Buffer is null;

    /// <summary>Element count, gaps between rows excluded.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>Columns [from, from + count) of every row.</summary>
    public MatrixView SliceColumns(int from, int count)
    {
        if (from < 0 || count < 0 || from > Columns - count)
        {
            throw new ArgumentOutOfRangeException(nameof(from), $"Columns [{from}, {(long)from + count}) are not inside {this}.");
        }

        return this with { Offset = Offset + from, Columns = count };
    }

    /// <summary>Rows [from, from + count).</summary>
    public MatrixView SliceRows(int from, int count)
    {
        if (from < 0 || count < 0 || from > Rows - count)
        {
            throw new ArgumentOutOfRangeException(nameof(from), $"Rows [{from}, {(long)from + count}) are not inside {this}.");
        }

        return this with { Offset = Offset + ((long)from * Pitch), Rows = count };
    }

    /// <summary>The view as error messages show it, such as <c>12×64 Float32</c>.</summary>
    public override string ToString() => IsNone ? "none" : $"{Rows}×{Columns} {Buffer.Type}";
}
