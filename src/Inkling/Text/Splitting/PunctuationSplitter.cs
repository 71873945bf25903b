using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Splitting;

/// <summary>Splits at punctuation (<c>Punctuation</c>).</summary>
/// <param name="behavior">What becomes of a punctuation character.</param>
internal sealed class PunctuationSplitter(SplitBehavior behavior) : BatchSplitter
{
    /// <summary>Reads a <c>Punctuation</c>.</summary>
    public static PunctuationSplitter Read(JsonPart part)
    {
        part.AllowFields("type", "behavior");
        return new PunctuationSplitter(part.Find("behavior") is { } behavior ? PieceAssembly.Read(behavior) : SplitBehavior.Isolated);
    }

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> text, List<ByteRange> pieces)
    {
        for (int at = 0, length; at < text.Length; at += length)
        {
            if (WordCharacters.IsPunctuation(WordCharacters.At(text, at, out length)))
                pieces.Add(new ByteRange(at, at + length));
        }

        PieceAssembly.Assemble(text.Length, pieces, behavior, inverts: false);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Punctuation");
        writer.WriteString("behavior", behavior.ToString());
        writer.WriteEndObject();
    }
}
