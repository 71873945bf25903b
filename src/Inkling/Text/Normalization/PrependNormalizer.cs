using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Puts something before every text that is not empty.</summary>
/// <param name="prefix">What to put there.</param>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(prefix);

    /// <summary>What is put there.</summary>
    public string Prefix => prefix;

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        if (input.IsEmpty)
            return;

        output.Append(_utf8, 0, 0);
        output.Copy(input, 0);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Prepend");
        writer.WriteString("prepend", prefix);
        writer.WriteEndObject();
    }
}
