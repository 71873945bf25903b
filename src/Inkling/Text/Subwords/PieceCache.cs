using System.Runtime.CompilerServices;

namespace Inkling.Text.Subwords;

/// <summary>Remembers the tokens of pieces that were encoded lately. Every piece has one place, and the later one takes it.</summary>
internal sealed class PieceCache
{
    /// <summary>More tokens than this are not remembered.</summary>
    public const int MaxTokenCount = 6;

    // One megabyte: as much as the second-level cache of a core holds.
    private const int Bits = 14;

    private readonly Entry[] _entries = new Entry[1 << Bits];

    /// <summary>Writes the tokens of a piece.</summary>
    /// <param name="hash">From <see cref="PieceKey.Hash"/>.</param>
    /// <param name="key">Its key.</param>
    /// <param name="length">Its length.</param>
    /// <param name="ids">Takes the tokens; room for <see cref="MaxTokenCount"/>.</param>
    /// <returns>How many tokens; 0 for a piece that is not remembered.</returns>
    public int TryGet(ulong hash, in PieceKey key, int length, Span<int> ids)
    {
        ref Entry entry = ref _entries[hash >> (64 - Bits)];
        if (entry.Length != length || entry.Key != key)
            return 0;

        ((ReadOnlySpan<int>)entry.Tokens).CopyTo(ids);
        return entry.Count;
    }

    /// <summary>Remembers a piece.</summary>
    /// <param name="hash">From <see cref="PieceKey.Hash"/>.</param>
    /// <param name="key">Its key.</param>
    /// <param name="length">Its length.</param>
    /// <param name="ids">Its tokens; ignored where there are more than <see cref="MaxTokenCount"/>.</param>
    public void Add(ulong hash, in PieceKey key, int length, ReadOnlySpan<int> ids)
    {
        if (ids.Length > MaxTokenCount)
            return;

        ref Entry entry = ref _entries[hash >> (64 - Bits)];
        (entry.Key, entry.Length, entry.Count) = (key, length, ids.Length);
        ids.CopyTo(entry.Tokens);
    }

    private struct Entry
    {
        public PieceKey Key;
        public int Length;
        public int Count;
        public TokenArray Tokens;
    }

    [InlineArray(MaxTokenCount)]
    private struct TokenArray
    {
        private int _first;
    }
}
