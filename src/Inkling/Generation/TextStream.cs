using Inkling.Text;

namespace Inkling.Generation;

/// <summary>Turns tokens into text while they are generated.</summary>
public static class TextStream
{
    /// <summary>The text of the tokens piece by piece, each as soon as its last character is complete; no piece is empty.</summary>
    /// <exception cref="UnknownTokenException">While the pieces are read: a token is outside the tokenizer's vocabulary.</exception>
    public static IEnumerable<string> ToText(this IEnumerable<int> tokens, Tokenizer tokenizer)
    {
        var decoder = new Utf8StreamDecoder();
        foreach (var token in tokens)
        {
            if (decoder.Append(tokenizer.BytesOf(token)) is { Length: > 0 } piece)
            {
                yield return piece;
            }
        }

        if (decoder.Flush() is { Length: > 0 } rest)
        {
            yield return rest;
        }
    }
}
