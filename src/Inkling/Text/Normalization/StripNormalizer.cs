using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Takes white space away at the beginning and at the end.</summary>
internal sealed class StripNormalizer : Normalizer
{
    /// <summary>Strip the beginning.</summary>
    public required bool Left { get; init; }

    /// <summary>Strip the end.</summary>
    public required bool Right { get; init; }

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        int start = 0, end = input.Length;
        while (Left && Rune.DecodeFromUtf8(input[start..], out Rune first, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(first))
            start += length;

        while (Right && Rune.DecodeLastFromUtf8(input[start..end], out Rune last, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(last))
            end -= length;

        output.Copy(input[start..end], start);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Strip");
        writer.WriteBoolean("strip_left", Left);
        writer.WriteBoolean("strip_right", Right);
        writer.WriteEndObject();
    }
}
