using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Takes away every mark (general categories Mn, Mc and Me), as Hugging Face's <c>StripAccents</c> does; an accent that is part of a letter stays.</summary>
internal sealed class StripAccentsNormalizer : Normalizer
{
    private readonly UnicodeTable _table = UnicodeTable.Instance;

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        int copied = 0;
        for (int at = 0; at < input.Length;)
        {
            if (input[at] < 0x80)
            {
                int count = input[at..].IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
                at = count < 0 ? input.Length : at + count;
                continue;
            }

            bool isValid = Rune.DecodeFromUtf8(input[at..], out Rune character, out int length) == OperationStatus.Done;
            if (isValid && (_table[character.Value].Traits & UnicodeTraits.Mark) != 0)
            {
                output.Copy(input[copied..at], copied);
                copied = at + length;
            }

            at += length;
        }

        output.Copy(input[copied..], copied);
    }

    public override void Write(Utf8JsonWriter writer) => WriteType(writer, "StripAccents");
}
