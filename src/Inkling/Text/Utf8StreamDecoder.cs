using System.Text;

namespace Inkling.Text;

/// <summary>
/// Turns bytes that arrive piece by piece into text, holding back a character until its last byte is there.
/// However the bytes are cut, the pieces join to the text that decoding them at once would give.
/// </summary>
public sealed class Utf8StreamDecoder
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes more bytes and gives the text that is complete by now, often one character, sometimes none.</summary>
    public string Append(ReadOnlySpan<byte> utf8) => Decode(utf8, flush: false);

    /// <summary>Ends the text: a character that was left incomplete becomes U+FFFD, and the next text may begin.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> utf8, bool flush)
    {
        var text = new char[_decoder.GetCharCount(utf8, flush)];
        return new string(text, 0, _decoder.GetChars(utf8, text, flush));
    }
}
