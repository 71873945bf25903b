using System.Text.Encodings.Web;

namespace Inkling.Text;

/// <summary>Shows what a file holds in a message: short, and on one line whatever it is.</summary>
internal static class Quoted
{
    private const int UsualLength = 40;

    /// <summary>A text in quotes, with escapes for what would break the line.</summary>
    public static string Text(string text, int mostLength = UsualLength) =>
        $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Shorten(text, mostLength))}\"";

    /// <summary>The beginning of a text that is too long.</summary>
    public static string Shorten(string text, int mostLength = UsualLength)
    {
        if (text.Length <= mostLength)
            return text;

        // No character is cut in half.
        int length = char.IsHighSurrogate(text[mostLength - 1]) ? mostLength - 1 : mostLength;
        return $"{text.AsSpan(0, length)}…";
    }
}
