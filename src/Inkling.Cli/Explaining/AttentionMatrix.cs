using Inkling.Generation.Explaining;

namespace Inkling.Cli.Explaining;

/// <summary>The weights of one head as a picture: a row for each query, a column for each key, darker for more.</summary>
/// <param name="labels">Names of rows and columns.</param>
/// <param name="first">First position that is shown; earlier keys share one column.</param>
/// <param name="room">Columns of the screen.</param>
/// <param name="style">What the screen can show.</param>
internal sealed class AttentionMatrix(TokenLabels labels, int first, int room, PageStyle style)
{
    private const int NumberedCell = 5; // ".42▒" and a space

    private readonly int _labelWidth = LabelWidth(labels, first);

    // Numbers where they fit, else two characters for a cell, which are about square, else one.
    private readonly int _cellWidth = new[] { NumberedCell, 2, 1 }
        .FirstOrDefault(cell => LabelWidth(labels, first) + ((labels.Count - first + (first > 0 ? 1 : 0)) * cell) <= room, 1);

    /// <summary>How many of the last tokens fit beside their labels.</summary>
    public static int MostTokens(TokenLabels labels, int first, int room) => Math.Max(1, room - LabelWidth(labels, first) - 1);

    /// <summary>Draws a head.</summary>
    public IReadOnlyList<Line> Draw(AttentionExplanation attention, int head)
    {
        var lines = new List<Line> { style.Strong($"head {head}"), Header(Position), Header(position => labels.Of(labels.Token(position), HeaderWidth)) };
        for (var query = first; query < labels.Count; query++)
        {
            lines.Add(Row(attention, query, attention.Weights(head, query)));
        }

        return lines;
    }

    private int HeaderWidth => Math.Max(1, _cellWidth == NumberedCell ? NumberedCell - 1 : _cellWidth);

    private static int LabelWidth(TokenLabels labels, int first)
        => 1 + Enumerable.Range(first, labels.Count - first).Max(position => TextWidth.Of(labels.Row(position)));

    // In narrow columns the last digits have to do.
    private string Position(int position)
    {
        var text = position.ToString();
        return text[Math.Max(0, text.Length - HeaderWidth)..];
    }

    private Line Header(Func<int, string> text)
    {
        var line = Line.Empty.PadRight(_labelWidth);
        if (first > 0)
        {
            line += ((Line)style.Ellipsis).PadRight(_cellWidth);
        }

        for (var position = first; position < labels.Count; position++)
        {
            line += ((Line)text(position)).PadRight(_cellWidth);
        }

        return line;
    }

    private Line Row(AttentionExplanation attention, int query, double[] weights)
    {
        var line = ((Line)labels.Row(query)).PadRight(_labelWidth);
        var greatest = weights.Max();
        if (first > 0)
        {
            line += Cell(weights.Take(first).Sum(), isGreatest: false);
        }

        for (var key = first; key < weights.Length; key++)
        {
            line += attention.Sees(query, key) ? Cell(weights[key], weights[key] == greatest) : Line.Empty.PadRight(_cellWidth);
        }

        return line;
    }

    private Line Cell(double weight, bool isGreatest)
    {
        if (_cellWidth != NumberedCell)
        {
            return style.Shade(weight, _cellWidth);
        }

        var number = Numbers.Weight(weight);
        return (isGreatest ? style.Strong(number) : number) + style.Shade(weight) + " ";
    }
}
