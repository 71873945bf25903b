using System.Text;
using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Splitting;

/// <summary>Splits numbers from the rest (<c>Digits</c>).</summary>
/// <param name="isIndividual">Every digit is a piece; otherwise those in a row are one.</param>
internal sealed class DigitSplitter(bool isIndividual) : Splitter
{
    /// <summary>Reads a <c>Digits</c>.</summary>
    public static DigitSplitter Read(JsonPart part)
    {
        part.AllowFields("type", "individual_digits");
        return new DigitSplitter(part.Flag("individual_digits", absent: false));
    }

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        bool isNumber = Rune.IsNumber(WordCharacters.At(text, start, out int length));
        int at = start + length;
        if (isNumber && isIndividual)
            return at;

        while (at < text.Length && Rune.IsNumber(WordCharacters.At(text, at, out length)) == isNumber)
            at += length;

        return at;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Digits");
        writer.WriteBoolean("individual_digits", isIndividual);
        writer.WriteEndObject();
    }
}
