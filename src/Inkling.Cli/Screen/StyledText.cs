namespace Inkling.Cli.Screen;

/// <summary>A line of pieces, each in its style; its length is in columns, whatever escapes painting adds.</summary>
/// <remarks>Pieces hold characters of one column each.</remarks>
internal sealed record StyledText(IReadOnlyList<(Style Style, string Text)> Pieces)
{
    /// <summary>Columns.</summary>
    public int Length => Pieces.Sum(piece => piece.Text.Length);

    /// <summary>One piece.</summary>
    public static implicit operator StyledText(string text) => new([(Style.Plain, text)]);

    /// <summary>One line after the other.</summary>
    public static StyledText operator +(StyledText a, StyledText b) => new([.. a.Pieces, .. b.Pieces]);

    /// <summary>The beginning, up to a number of columns.</summary>
    public StyledText Cut(int columns)
    {
        var pieces = new List<(Style, string)>();
        foreach (var (style, text) in Pieces)
        {
            var count = Math.Min(text.Length, columns);
            pieces.Add((style, text[..count]));
            columns -= count;
        }

        return new StyledText(pieces);
    }

    /// <summary>As the terminal takes it.</summary>
    public string Paint(Terminal terminal) => string.Concat(Pieces.Select(piece => terminal.Paint(piece.Style, piece.Text)));

    /// <inheritdoc/>
    public override string ToString() => string.Concat(Pieces.Select(piece => piece.Text));
}
