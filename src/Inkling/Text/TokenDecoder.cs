namespace Inkling.Text;

/// <summary>Decodes tokens that arrive in pieces; however they are cut, the texts join to what decoding them at once would give.</summary>
public sealed class TokenDecoder
{
    private readonly Utf8StreamDecoder _utf8 = new();
    private readonly Tokenizer _tokenizer;
    private bool _isStart = true;

    internal TokenDecoder(Tokenizer tokenizer) => _tokenizer = tokenizer;

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

    private string AppendToken(int id) => _utf8.Append(_tokenizer.BytesOf(id, ref _isStart));
}
