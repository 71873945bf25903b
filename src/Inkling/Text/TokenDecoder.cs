namespace Inkling.Text;

/// <summary>Decodes tokens that arrive in pieces; however they are cut, the texts join to what decoding them at once would give.</summary>
public sealed class TokenDecoder
{
    private readonly Utf8StreamDecoder _utf8 = new();
    private readonly Tokenizer _tokenizer;
    private bool _stripsSpace;

    internal TokenDecoder(Tokenizer tokenizer, bool stripsLeadingSpace) => (_tokenizer, _stripsSpace) = (tokenizer, stripsLeadingSpace);

    /// <summary>Takes more tokens and gives the text that is complete by now; the beginning of a character is held back.</summary>
    /// <exception cref="UnknownTokenException">An id is outside the vocabulary; those before it are taken.</exception>
    public string Append(params ReadOnlySpan<int> ids)
    {
        if (ids.Length == 1)
            return AppendToken(ids[0]);

        var text = new System.Text.StringBuilder();
        foreach (int id in ids)
            text.Append(AppendToken(id));

        return text.ToString();
    }

    /// <summary>Ends the text: a character that was left incomplete becomes U+FFFD.</summary>
    public string Flush() => _utf8.Flush();

    private string AppendToken(int id)
    {
        ReadOnlySpan<byte> bytes = _tokenizer.BytesOf(id);
        if (_stripsSpace && !bytes.IsEmpty)
        {
            _stripsSpace = false;
            bytes = bytes[0] == ' ' ? bytes[1..] : bytes;
        }

        return _utf8.Append(bytes);
    }
}
