using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Turns each character into its small letter or letters, by Unicode's full mapping without rules that look at its neighbours.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    private readonly UnicodeTable _table = UnicodeTable.Instance;

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        Span<byte> small = stackalloc byte[256];
        int copied = 0;
        for (int at = 0; at < input.Length;)
        {
            if (input[at] < 0x80)
            {
                output.Copy(input[copied..at], copied);
                Ascii.ToLower(input.Slice(at, Math.Min(input.Length - at, small.Length)), small, out int count);
                output.Copy(small[..count], at);
                copied = at += count;
                continue;
            }

            bool isValid = Rune.DecodeFromUtf8(input[at..], out Rune character, out int length) == OperationStatus.Done;
            if (isValid && _table[character.Value] is { ToSmall: not 0 } properties)
            {
                output.Copy(input[copied..at], copied);
                output.Append(small[..SmallLetters.Write(character, properties, small)], at, at + length);
                copied = at + length;
            }

            at += length;
        }

        output.Copy(input[copied..], copied);
    }

    public override void Write(Utf8JsonWriter writer) => WriteType(writer, "Lowercase");
}
