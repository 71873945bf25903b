using System.Text;
using System.Text.Json;
using Inkling.Text.Splitting;

namespace Inkling.Text.Normalization;

/// <summary>Puts a string in the place of what a pattern matches (<c>Replace</c> with a regular expression).</summary>
internal sealed class PatternReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    private readonly byte[] _content = Encoding.UTF8.GetBytes(content);

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        var matches = new List<ByteRange>();
        pattern.FindMatches(input, matches);
        int from = 0;
        foreach (ByteRange match in matches)
        {
            output.Copy(input[from..match.Start], from);
            output.Append(_content, match.Start, match.End);
            from = match.End;
        }

        output.Copy(input[from..], from);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Replace");
        pattern.Write(writer);
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }
}
