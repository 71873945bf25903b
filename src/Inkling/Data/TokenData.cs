using Inkling.Text;

namespace Inkling.Data;

/// <summary>
/// A sequence of token ids that does not change and may be longer than an array. Ids take 16 bits each while the
/// vocabulary has at most 65,536 tokens, and 32 bits otherwise.
/// </summary>
public sealed class TokenData
{
    private readonly TokenStore _store;
    private readonly long _start;

    internal TokenData(TokenStore store, long start, long length, int vocabularySize)
    {
        _store = store;
        _start = start;
        Length = length;
        VocabularySize = vocabularySize;
    }

    /// <summary>How many tokens there are.</summary>
    public long Length { get; }

    /// <summary>Every id is below this.</summary>
    public int VocabularySize { get; }

    /// <summary>What a token takes in memory: 2 or 4.</summary>
    public int BytesPerToken => _store.BytesPerToken;

    /// <summary>Copies ids into compact storage.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not below <paramref name="vocabularySize"/>.</exception>
    public static TokenData From(ReadOnlySpan<int> ids, int vocabularySize)
    {
        var builder = new TokenDataBuilder(vocabularySize);
        builder.Append(ids);
        return builder.Build();
    }

    /// <summary>The tokens of a text, which never exist in any other form than this one.</summary>
    /// <exception cref="InvalidTextException">The tokenizer needs valid UTF-8 and this is not.</exception>
    /// <exception cref="UnknownCharacterException">A character is outside the vocabulary.</exception>
    public static TokenData Encode(ReadOnlySpan<byte> utf8, Tokenizer tokenizer)
    {
        var builder = new TokenDataBuilder(tokenizer.VocabularySize);
        tokenizer.Encode(utf8, builder.Append);
        return builder.Build();
    }

    /// <summary>Copies the tokens from <paramref name="start"/> on until <paramref name="destination"/> is full.</summary>
    /// <exception cref="ArgumentOutOfRangeException">That is not inside this sequence.</exception>
    public void CopyTo(long start, Span<int> destination)
    {
        RequireRange(start, destination.Length);
        _store.CopyTo(_start + start, destination);
    }

    /// <summary>Views a part without copying it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">That is not inside this sequence.</exception>
    public TokenData Slice(long start, long length)
    {
        RequireRange(start, length);
        return new TokenData(_store, _start + start, length, VocabularySize);
    }

    private void RequireRange(long start, long length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"{length} tokens from {start} on are not inside a sequence of {Length} tokens.");
    }
}
