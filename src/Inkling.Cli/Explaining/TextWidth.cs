using System.Text;

namespace Inkling.Cli.Explaining;

/// <summary>Columns that a text takes on a terminal: letters of East Asia and pictures take two.</summary>
internal static class TextWidth
{
    // First and last of the ranges that Unicode's EastAsianWidth.txt calls wide, neighbours joined.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
        (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    public static int Of(Rune rune) => Array.Exists(Wide, range => rune.Value >= range.First && rune.Value <= range.Last) ? 2 : 1;

    public static int Of(string text) => text.EnumerateRunes().Sum(Of);

    /// <summary>The beginning of a text that fits, with a mark in place of the rest; where there is little room a letter says more than the mark.</summary>
    public static string Cut(string text, int width, string mark)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        var result = new StringBuilder();
        var tail = width > 2 ? mark : "";
        var room = width - Of(tail);
        foreach (var rune in text.EnumerateRunes())
        {
            room -= Of(rune);
            if (room < 0)
            {
                break;
            }

            result.Append(rune.ToString());
        }

        return result.Length > 0 ? $"{result}{tail}" : mark;
    }
}
