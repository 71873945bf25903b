using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Takes control characters away and makes unusual white space a space (<c>Nmt</c>, the first step of SentencePiece's rules of that name).</summary>
internal sealed class NmtNormalizer : Normalizer
{
    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        for (int at = 0, length; at < input.Length; at += length)
        {
            bool isValid = Rune.DecodeFromUtf8(input[at..], out Rune rune, out length) == OperationStatus.Done;
            if (!isValid || !(IsSpace(rune.Value) || IsControl(rune.Value)))
                output.Copy(input.Slice(at, length), at);
            else if (IsSpace(rune.Value))
                output.Append(" "u8, at, at + length);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => WriteType(writer, "Nmt");

    private static bool IsControl(int value) => value is (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F;

    private static bool IsSpace(int value) => value is 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029
        or 0x2581 or 0xFEFF or 0xFFFD;
}
