namespace Inkling.Text.Subwords;

/// <summary>Finds the token that a whole piece is: most words of a text are one.</summary>
internal sealed class WholePieceTable
{
    private const int NoToken = -1;

    // Eight bytes a place, so that the table stays in the second-level cache and a piece that is no token costs one look. The tokens' bytes lie elsewhere.
    private readonly Slot[] _slots;
    private readonly int _shift;
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    /// <summary>Builds the table.</summary>
    /// <param name="tokens">The bytes of each id; null for those that are no pieces. Tokens above <see cref="PieceKey.MaxLength"/> are left out.</param>
    public WholePieceTable(byte[]?[] tokens)
    {
        int bits = 8;
        while (1L << bits < 2L * tokens.Length)
            bits++;

        _shift = 64 - bits;
        _slots = new Slot[1 << bits];
        Array.Fill(_slots, new Slot(0, NoToken));
        _starts = new int[tokens.Length + 1];
        for (int id = 0; id < tokens.Length; id++)
            _starts[id + 1] = _starts[id] + (IsShort(tokens[id]) ? tokens[id]!.Length : 0);

        _bytes = new byte[_starts[^1]];
        for (int id = 0; id < tokens.Length; id++)
        {
            if (!IsShort(tokens[id]))
                continue;

            byte[] token = tokens[id]!;
            token.CopyTo(_bytes, _starts[id]);
            ulong hash = PieceKey.Of(token).Hash(token.Length);
            ref Slot slot = ref _slots[Find(hash, token)];
            if (slot.Token == NoToken)
                slot = new Slot((uint)hash, id);
        }
    }

    /// <summary>The token with these bytes; −1 where there is none.</summary>
    /// <param name="hash">From <see cref="PieceKey.Hash"/>.</param>
    /// <param name="piece">The piece; at most <see cref="PieceKey.MaxLength"/> bytes.</param>
    public int TokenOf(ulong hash, ReadOnlySpan<byte> piece) => _slots[Find(hash, piece)].Token;

    private static bool IsShort(byte[]? token) => token is { Length: > 0 and <= PieceKey.MaxLength };

    private int Find(ulong hash, ReadOnlySpan<byte> piece)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        int place = (int)(hash >> _shift);
        while (true)
        {
            Slot slot = slots[place];
            if (slot.Token == NoToken || (slot.Tag == (uint)hash && BytesOf(slot.Token).SequenceEqual(piece)))
                return place;

            place = (place + 1) & mask;
        }
    }

    private ReadOnlySpan<byte> BytesOf(int token) => _bytes.AsSpan(_starts[token], _starts[token + 1] - _starts[token]);

    private readonly record struct Slot(uint Tag, int Token);
}
