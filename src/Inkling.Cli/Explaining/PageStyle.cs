namespace Inkling.Cli.Explaining;

/// <summary>What the reader's screen can show. Colour only ever repeats what characters say.</summary>
/// <param name="Width">Columns.</param>
/// <param name="HasColor">Whether escapes for colour are understood and wanted.</param>
/// <param name="IsAscii">Whether to do without shades and other characters beyond ASCII.</param>
internal sealed record PageStyle(int Width, bool HasColor = false, bool IsAscii = false)
{
    // Weights from here on get the next darker shade.
    private static readonly double[] Thresholds = [0.05, 0.25, 0.5, 0.75];

    private const string Bold = "1";
    private const string Blue = "38;5;32"; // Blue and orange differ in every kind of colour blindness,
    private const string Orange = "1;38;5;172"; // and these are dark enough for white screens and light enough for black ones.

    public string Ellipsis => IsAscii ? "~" : "…";

    public string Dash => IsAscii ? "-" : "–";

    private string Shades => IsAscii ? ".-+*#" : "·░▒▓█";

    /// <summary>That of standard output: as wide as its terminal, or 80 columns.</summary>
    public static PageStyle Of(Streams streams, bool isAscii) => new(
        // The last column stays free: some terminals break the line there.
        (streams.IsTerminal ? LiveLine.TerminalWidth : 80) - 1,
        // The Windows console takes escapes only from programs that ask it to.
        streams.IsTerminal && !OperatingSystem.IsWindows() && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        isAscii || (streams.IsTerminal && !HasUnicode()));

    public Line Heading(string text) => Paint(Bold, text);

    /// <summary>What matters most in its row.</summary>
    public Line Strong(string text) => Paint(Bold, text);

    public Line Chosen(string text) => Paint(Orange, text);

    /// <summary>A weight from 0 to 1 as a shade.</summary>
    public Line Shade(double weight, int width = 1)
        => Paint(Blue, new string(Shades[Thresholds.Count(threshold => weight >= threshold)], width));

    /// <summary>A share from 0 to 1 as a length.</summary>
    public Line Bar(double share, int width) => Paint(Blue, new string(Shades[^1], (int)Math.Round(share * width)));

    /// <summary>What the shades mean.</summary>
    public string Legend()
        => string.Join(", ", Thresholds.Select((threshold, i) => $"{Shades[i]} < {threshold}").Append($"{Shades[^1]} above"));

    private Line Paint(string color, string text)
        => new(HasColor && text.Length > 0 ? $"\e[{color}m{text}\e[0m" : text, TextWidth.Of(text));

    /// <summary>Whether the locale is one of UTF-8; the first of these that is set decides (POSIX, section 8.2). None says nothing.</summary>
    private static bool HasUnicode()
    {
        var locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale is null || locale.Replace("-", "").Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }
}
