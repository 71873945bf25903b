using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>Puts one string in the place of every occurrence of another, from left to right.</summary>
internal sealed class ReplaceNormalizer : Normalizer
{
    /// <summary>
    /// What is sought and what is put there may have no more bytes of UTF-8 than this: the search compares so many at each place of a text, and
    /// the text may grow so many times.
    /// </summary>
    public const int MaxByteCount = 256;

    private readonly byte[] _pattern;
    private readonly byte[] _content;

    /// <summary>Takes both strings.</summary>
    /// <param name="pattern">Sought literally; 1 to <see cref="MaxByteCount"/> bytes of UTF-8.</param>
    /// <param name="content">Put in its place; up to as many bytes, or none.</param>
    /// <exception cref="ArgumentException">One of the strings is too long, or the pattern is empty and would be found everywhere.</exception>
    public ReplaceNormalizer(string pattern, string content)
    {
        (Pattern, Content) = (pattern, content);
        _pattern = Encoding.UTF8.GetBytes(pattern);
        _content = Encoding.UTF8.GetBytes(content);
        if (_pattern.Length is 0 or > MaxByteCount)
            throw new ArgumentException($"The pattern has {_pattern.Length} bytes of UTF-8; use 1 to {MaxByteCount}.", nameof(pattern));

        if (_content.Length > MaxByteCount)
            throw new ArgumentException($"The content has {_content.Length} bytes of UTF-8; use at most {MaxByteCount}.", nameof(content));
    }

    /// <summary>What is sought.</summary>
    public string Pattern { get; }

    /// <summary>What is put in its place.</summary>
    public string Content { get; }

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        int from = 0;
        for (int found; (found = input[from..].IndexOf(_pattern)) >= 0;)
        {
            output.Copy(input.Slice(from, found), from);
            int start = from + found;
            from = start + _pattern.Length;
            output.Append(_content, start, from);
        }

        output.Copy(input[from..], from);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Replace");
        writer.WriteStartObject("pattern");
        writer.WriteString("String", Pattern);
        writer.WriteEndObject();
        writer.WriteString("content", Content);
        writer.WriteEndObject();
    }
}
