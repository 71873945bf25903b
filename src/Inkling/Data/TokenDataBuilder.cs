namespace Inkling.Data;

/// <summary>Collects tokens piece by piece, for texts that are encoded piece by piece.</summary>
public sealed class TokenDataBuilder
{
    private readonly TokenStore _store;
    private readonly int _vocabularySize;

    /// <summary>Begins an empty sequence.</summary>
    /// <param name="vocabularySize">Decides how many bits each id takes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no token.</exception>
    public TokenDataBuilder(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        _vocabularySize = vocabularySize;
        _store = vocabularySize <= ushort.MaxValue + 1 ? new TokenStore<ushort>() : new TokenStore<int>();
    }

    /// <summary>Adds ids at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not below the vocabulary size; none of them is added.</exception>
    public void Append(ReadOnlySpan<int> ids)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)_vocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Token {_store.Length + i} has the id {ids[i]}; valid ids are 0 to {_vocabularySize - 1}.");
        }

        _store.Append(ids);
    }

    /// <summary>Gives the sequence so far; what is appended later does not change it.</summary>
    public TokenData Build() => new(_store, 0, _store.Length, _vocabularySize);
}
