namespace Inkling.Cli.Explaining;

/// <summary>Writes headings, text, tables and blocks that stand side by side, all within the width of the screen.</summary>
internal sealed class Page(TextWriter output, PageStyle style)
{
    private const string Indent = "  ";
    private const int Gap = 2; // between the columns of a table
    private const int WidestText = 100; // Longer lines are hard to read.

    private bool _skips;

    public PageStyle Style => style;

    /// <summary>Columns for what stands below a heading.</summary>
    public int Room => style.Width - Indent.Length;

    public void Heading(string text)
    {
        Skip();
        WriteLine(style.Heading(text).Text);
    }

    /// <summary>An empty line before what comes next; never two.</summary>
    public void Skip() => _skips = true;

    public void Write(Line line) => WriteLine((Indent + line.Text).TrimEnd());

    /// <summary>Text, broken where a line is full.</summary>
    public void Text(string text)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && TextWidth.Of(line) + 1 + TextWidth.Of(word) > Math.Min(Room, WidestText))
            {
                Write(line);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        Write(line);
    }

    /// <summary>Rows of cells that show as much as fits, such as numbers of a vector: <paramref name="most"/> at most, and one at least.</summary>
    public void Table(int most, Func<int, IReadOnlyList<Line[]>> rowsOf, int leftColumns = 1)
    {
        var rows = rowsOf(most);
        for (var count = most; count > 1 && Widths(rows).Sum(width => width + Gap) - Gap > Room;)
        {
            rows = rowsOf(--count);
        }

        Table(rows, leftColumns);
    }

    /// <summary>Rows of cells: the first columns stand left, the others right.</summary>
    public void Table(IReadOnlyList<Line[]> rows, int leftColumns = 1)
    {
        var widths = Widths(rows);
        foreach (var row in rows)
        {
            var line = Line.Empty;
            for (var column = 0; column < row.Length; column++)
            {
                line += (column == 0 ? Line.Empty : Line.Empty.PadRight(Gap)) + (column < leftColumns ? row[column].PadRight(widths[column]) : row[column].PadLeft(widths[column]));
            }

            Write(line);
        }
    }

    /// <summary>Blocks of equal height beside each other, as many as fit, with an empty line below each row of them.</summary>
    public void Beside(IReadOnlyList<IReadOnlyList<Line>> blocks)
    {
        const int Between = 3;
        var width = blocks.Max(block => block.Max(line => line.Width));
        foreach (var row in blocks.Chunk(Math.Max(1, (Room + Between) / (width + Between))))
        {
            for (var i = 0; i < row[0].Count; i++)
            {
                Write(row.Aggregate(Line.Empty, (line, block) => line + block[i].PadRight(width + Between)));
            }

            Skip();
        }
    }

    private static int[] Widths(IReadOnlyList<Line[]> rows)
        => [.. Enumerable.Range(0, rows.Max(row => row.Length)).Select(column => rows.Max(row => column < row.Length ? row[column].Width : 0))];

    private void WriteLine(string line)
    {
        if (_skips)
        {
            output.WriteLine();
            _skips = false;
        }

        output.WriteLine(line);
    }
}
