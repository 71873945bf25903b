using System.Text;
using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Splitting;

/// <summary>Splits into words: by white space, which belongs to no piece, and by kinds of characters.</summary>
/// <param name="kind">Which of Hugging Face's splitters it is.</param>
internal sealed class WordSplitter(WordSplitter.Kind kind) : Splitter
{
    /// <summary>Hugging Face's splitters by single characters, under the names of the files.</summary>
    internal enum Kind
    {
        /// <summary>By white space.</summary>
        WhitespaceSplit,

        /// <summary>By white space, and where word characters and others meet.</summary>
        Whitespace,

        /// <summary>By white space, and around every punctuation character.</summary>
        BertPreTokenizer,
    }

    /// <summary>Reads one of them.</summary>
    public static WordSplitter Read(JsonPart part)
    {
        part.AllowFields("type");
        return new WordSplitter(Enum.Parse<Kind>(part.Type));
    }

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        Rune first = default;
        int at = start;
        for (int length; at < text.Length; at += length)
        {
            first = WordCharacters.At(text, at, out length);
            if (!Rune.IsWhiteSpace(first))
                break;
        }

        start = at;
        if (at == text.Length)
            return at;

        WordCharacters.At(text, at, out int firstLength);
        at += firstLength;
        if (kind == Kind.BertPreTokenizer && WordCharacters.IsPunctuation(first))
            return at;

        for (int length; at < text.Length; at += length)
        {
            Rune next = WordCharacters.At(text, at, out length);
            if (Rune.IsWhiteSpace(next) || IsBorder(first, next))
                break;
        }

        return at;
    }

    private bool IsBorder(Rune first, Rune next) => kind switch
    {
        Kind.BertPreTokenizer => WordCharacters.IsPunctuation(next),
        Kind.Whitespace => WordCharacters.IsWord(next) != WordCharacters.IsWord(first),
        _ => false,
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => WriteType(writer, kind.ToString());
}
