namespace Inkling.Cli;

/// <summary>A small table: the first column to the left, numbers to the right.</summary>
internal static class Columns
{
    private const string Gap = "  ";

    /// <summary>Lines of one width per column.</summary>
    /// <param name="rows">As many cells in each; the first row has the headings.</param>
    public static IEnumerable<string> Create(IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join(Gap, row.Select((cell, column) =>
            column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
    }
}
