namespace Inkling.Text.Subwords;

/// <summary>Finds the token that a whole piece is: most words of a text are one.</summary>
internal sealed class WholePieceTable
{
    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <summary>Builds the table.</summary>
    /// <param name="tokens">The bytes of each id; null for those that are no pieces. Tokens above <see cref="PieceKey.MaxLength"/> are left out.</param>
    public WholePieceTable(byte[]?[] tokens)
    {
        int bits = 8;
        while (1L << bits < 2L * tokens.Length)
            bits++;

        _shift = 64 - bits;
        _entries = new Entry[1 << bits];
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is not { Length: > 0 and <= PieceKey.MaxLength } token)
                continue;

            PieceKey key = PieceKey.Of(token);
            ref Entry entry = ref _entries[Find(key.Hash(token.Length), key, token.Length)];
            if (entry.Length == 0)
                entry = new Entry(key, token.Length, id);
        }
    }

    /// <summary>The token with these bytes; −1 where there is none.</summary>
    /// <param name="hash">From <see cref="PieceKey.Hash"/>.</param>
    /// <param name="key">Key of the piece.</param>
    /// <param name="length">Its length, which is not 0.</param>
    public int TokenOf(ulong hash, in PieceKey key, int length)
    {
        ref readonly Entry entry = ref _entries[Find(hash, key, length)];
        return entry.Length == 0 ? -1 : entry.Token;
    }

    private int Find(ulong hash, in PieceKey key, int length)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int place = (int)(hash >> _shift);
        while (true)
        {
            ref readonly Entry entry = ref entries[place];
            if (entry.Length == 0 || (entry.Length == length && entry.Key == key))
                return place;

            place = (place + 1) & mask;
        }
    }

    private readonly record struct Entry(PieceKey Key, int Length, int Token);
}
