using System.Text.Json;
using Inkling.Text.Splitting;

namespace Inkling.Text.Learning;

/// <summary>Splits a text into words, each with the one space before it, and line ends.</summary>
internal sealed class SpacedWordSplitter : Splitter
{
    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        ReadOnlySpan<byte> rest = text[(start + 1)..];
        int length = IsLineEnd(text[start]) ? rest.IndexOfAnyExcept((byte)'\n', (byte)'\r') : rest.IndexOfAny((byte)' ', (byte)'\n', (byte)'\r');
        return length < 0 ? text.Length : start + 1 + length;
    }

    /// <inheritdoc/>
    public override int FindCut(ReadOnlySpan<byte> text, int from)
    {
        for (int at = Math.Max(from, 1); at < text.Length; at++)
        {
            int next = text[at..].IndexOfAny((byte)' ', (byte)'\n', (byte)'\r');
            if (next < 0)
                break;

            at += next;
            if (text[at] == ' ' || !IsLineEnd(text[at - 1]))
                return at;
        }

        return text.Length;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", @"[\r\n]+| ?[^ \r\n]+| ");
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
    }

    private static bool IsLineEnd(byte value) => value is (byte)'\n' or (byte)'\r';
}
