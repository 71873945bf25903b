using System.Text.Json;
using Inkling.Text.Subwords;

namespace Inkling.Text.Normalization;

/// <summary>Replaces what a <see cref="CharsMap"/> lists, the longest match first; <c>Precompiled</c> of <c>tokenizer.json</c>.</summary>
internal sealed class PrecompiledNormalizer(CharsMap map) : Normalizer
{
    /// <summary>The replacements.</summary>
    public CharsMap Map => map;

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        int copied = 0; // what comes before is written
        for (int at = 0; at < input.Length;)
        {
            int length = 0;
            ReadOnlySpan<byte> replacement = map.MayStartWith(input[at]) ? map.Match(input[at..], out length) : [];
            if (length == 0)
            {
                at += PieceVocabulary.CharacterLength(input, at);
                continue;
            }

            output.Copy(input[copied..at], copied);
            output.Append(replacement, at, at + length);
            copied = at += length;
        }

        output.Copy(input[copied..], copied);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Precompiled");
        writer.WriteBase64String("precompiled_charsmap", map.Bytes.Span);
        writer.WriteEndObject();
    }
}
