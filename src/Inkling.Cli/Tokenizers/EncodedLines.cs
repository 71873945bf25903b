using System.Text;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary>
/// Writes the ids of texts, a line for each, as JSON or with spaces between. By hand and in parts, because a text of many megabytes has as many numbers, and
/// one of many lines would otherwise be as many writes.
/// </summary>
internal sealed class EncodedLines(TextWriter output, bool isJson)
{
    private const int PartLength = 1 << 16;

    private readonly StringBuilder _part = new();

    /// <summary>Adds a text.</summary>
    public void Write(ReadOnlySpan<int> ids, int byteCount)
    {
        Begin();
        for (var i = 0; i < ids.Length; i++)
        {
            Separate(i);
            _part.Append(ids[i]);
        }

        End(byteCount);
    }

    /// <summary>Adds a text with the place of each token.</summary>
    public void Write(ReadOnlySpan<TokenSpan> spans, int byteCount)
    {
        Begin();
        for (var i = 0; i < spans.Length; i++)
        {
            Separate(i);
            _part.Append(spans[i].Id);
            if (!isJson)
            {
                _part.Append('[').Append(spans[i].Start).Append(',').Append(spans[i].Start + spans[i].Length).Append(')');
            }
        }

        _part.Append(isJson ? "],\"offsets\":[" : "");
        for (var i = 0; isJson && i < spans.Length; i++)
        {
            Separate(i);
            _part.Append('[').Append(spans[i].Start).Append(',').Append(spans[i].Start + spans[i].Length).Append(']');
        }

        End(byteCount);
    }

    /// <summary>Writes what has been held back.</summary>
    public void Flush()
    {
        output.Write(_part);
        _part.Clear();
    }

    private void Begin() => _part.Append(isJson ? "{\"ids\":[" : "");

    private void Separate(int index)
    {
        if (index > 0)
        {
            _part.Append(isJson ? ',' : ' ');
        }

        FlushIfLong();
    }

    private void End(int byteCount)
    {
        if (isJson)
        {
            _part.Append("],\"byteCount\":").Append(byteCount).Append('}');
        }

        _part.Append(output.NewLine);
        FlushIfLong();
    }

    private void FlushIfLong()
    {
        if (_part.Length >= PartLength)
        {
            Flush();
        }
    }
}
