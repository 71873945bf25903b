using Inkling.Cli.Screen;

namespace Inkling.Cli.Explaining;

/// <summary>What the reader's screen can show. Colour only ever repeats what characters say.</summary>
/// <param name="Width">Columns.</param>
/// <param name="HasColor">Whether escapes for colour are understood and wanted.</param>
/// <param name="IsAscii">Whether to do without shades and other characters beyond ASCII.</param>
internal sealed record PageStyle(int Width, bool HasColor = false, bool IsAscii = false)
{
    // Weights from here on get the next darker shade.
    private static readonly double[] Thresholds = [0.05, 0.25, 0.5, 0.75];

    public string Ellipsis => IsAscii ? "~" : "…";

    public string Dash => IsAscii ? "-" : "–";

    private Terminal Colors => Terminal.None with { HasColor = HasColor };

    private string Shades => IsAscii ? ".-+*#" : "·░▒▓█";

    /// <summary>That of standard output: as wide as its terminal, or 80 columns. Files are UTF-8, whatever the terminal shows.</summary>
    public static PageStyle Of(Terminal terminal, bool isAscii)
        // The last column stays free: some terminals break the line there.
        => new(terminal.Width() - 1, terminal.HasColor, isAscii || (terminal.CanRedraw && !terminal.HasUnicode));

    public Line Heading(string text) => Paint(Style.Strong, text);

    /// <summary>What matters most in its row.</summary>
    public Line Strong(string text) => Paint(Style.Strong, text);

    public Line Chosen(string text) => Paint(Style.Notable, text);

    /// <summary>A weight from 0 to 1 as a shade.</summary>
    public Line Shade(double weight, int width = 1)
        => Paint(Style.Good, new string(Shades[Thresholds.Count(threshold => weight >= threshold)], width));

    /// <summary>A share from 0 to 1 as a length.</summary>
    public Line Bar(double share, int width) => Paint(Style.Good, new string(Shades[^1], (int)Math.Round(share * width)));

    /// <summary>What the shades mean.</summary>
    public string Legend()
        => string.Join(", ", Thresholds.Select((threshold, i) => $"{Shades[i]} < {threshold}").Append($"{Shades[^1]} above"));

    private Line Paint(Style style, string text) => new(Colors.Paint(style, text), TextWidth.Of(text));
}
