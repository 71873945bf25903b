using System.Text;
using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Splitting;

/// <summary>What files look for in a text: a string or a regular expression. Immutable, and safe to share between threads.</summary>
internal abstract class TextPattern
{
    /// <summary>Finds all matches that do not overlap.</summary>
    /// <param name="text">Bytes that need not be UTF-8.</param>
    /// <param name="matches">Takes them in order; some may be empty.</param>
    /// <exception cref="PatternTimeoutException">A regular expression takes too long.</exception>
    public abstract void FindMatches(ReadOnlySpan<byte> text, List<ByteRange> matches);

    /// <summary>Writes the <c>pattern</c> object of a component.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        (string kind, string content) = Form;
        writer.WriteStartObject("pattern");
        writer.WriteString(kind, content);
        writer.WriteEndObject();
    }

    /// <summary>How files write it: the kind, <c>String</c> or <c>Regex</c>, and what is looked for.</summary>
    protected abstract (string Kind, string Content) Form { get; }

    /// <summary>Reads the <c>pattern</c> object of a component.</summary>
    /// <exception cref="TokenizerFormatException">It is none, or a regular expression that cannot be run.</exception>
    public static TextPattern Read(JsonPart part)
    {
        part.AllowFields("String", "Regex");
        if (part.Find("String") is { } literal && part.Find("Regex") is null)
            return new LiteralPattern(literal.Text());

        if (part.Find("Regex") is not { } regex || part.Find("String") is not null)
            throw part.Error("expected either \"String\" or \"Regex\"");

        if (SplitPattern.TryFind(regex.Text()) is { } known)
            return new ScannedPattern(known);

        try
        {
            return new RegexPattern(regex.Text());
        }
        catch (FormatException e)
        {
            throw regex.Error(e.Message);
        }
    }

    /// <summary>A string.</summary>
    internal sealed class LiteralPattern(string content) : TextPattern
    {
        private readonly byte[] _content = Encoding.UTF8.GetBytes(content);

        protected override (string Kind, string Content) Form => ("String", content);

        public override void FindMatches(ReadOnlySpan<byte> text, List<ByteRange> matches)
        {
            if (_content.Length == 0)
            {
                FindBoundaries(text, matches);
                return;
            }

            for (int from = 0, next; (next = text[from..].IndexOf(_content)) >= 0; from += next + _content.Length)
                matches.Add(new ByteRange(from + next, from + next + _content.Length));
        }

        // Nothing is found before every character and at the end, as the regular expression that it stands for has it.
        private static void FindBoundaries(ReadOnlySpan<byte> text, List<ByteRange> matches)
        {
            for (int at = 0; at < text.Length;)
            {
                matches.Add(new ByteRange(at, at));
                Rune.DecodeFromUtf8(text[at..], out _, out int length);
                at += length;
            }

            matches.Add(new ByteRange(text.Length, text.Length));
        }
    }

    /// <summary>A regular expression that is scanned by hand.</summary>
    internal sealed class ScannedPattern(SplitPattern scanner) : TextPattern
    {
        /// <summary>Whose pieces the matches are.</summary>
        public SplitPattern Scanner => scanner;

        protected override (string Kind, string Content) Form => ("Regex", scanner.Regex);

        public override void FindMatches(ReadOnlySpan<byte> text, List<ByteRange> matches)
        {
            for (int start = 0, end; start < text.Length; start = end)
            {
                end = scanner.Next(text, ref start);
                if (start < end)
                    matches.Add(new ByteRange(start, end));
            }
        }
    }
}
