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

    /// <summary>
    /// The text before the first stop string. What may be the beginning of one is held back until that is decided, and no piece is asked for
    /// once one is complete; which it was the detector says.
    /// </summary>
    public static IEnumerable<string> Until(this IEnumerable<string> pieces, StopDetector stop)
    {
        foreach (var piece in pieces)
        {
            if (stop.Append(piece) is { Length: > 0 } text)
            {
                yield return text;
            }

            if (stop.Found is not null)
            {
                yield break;
            }
        }

        if (stop.Flush() is { Length: > 0 } rest)
        {
            yield return rest;
        }
    }
}
