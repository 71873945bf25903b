namespace Inkling.Text.Learning;

/// <summary>Neighbouring tokens with their count and the places where they begin.</summary>
internal sealed class PairTable
{
    /// <summary>No such pair.</summary>
    public const int None = -1;

    // An open hash table of keys plus 1, so that 0 is empty, and where in _pairs each is.
    private ulong[] _keys = new ulong[1 << 10];
    private int[] _indices = new int[1 << 10];
    private int _shift = 64 - 10;
    private Pair[] _pairs = new Pair[1 << 9];
    private int _count;

    /// <summary>A pair by its index.</summary>
    public ref Pair this[int index] => ref _pairs[index];

    /// <summary>The index of a pair, or <see cref="None"/>.</summary>
    public int Find(int left, int right)
    {
        ulong key = Pair.KeyOf(left, right) + 1;
        int slot = FindSlot(key);
        return _keys[slot] == key ? _indices[slot] : None;
    }

    /// <summary>Adds a pair that is not there yet and gives its index.</summary>
    public int Add(in Pair pair)
    {
        if (_count == _pairs.Length)
            Grow();

        _pairs[_count] = pair;
        Place(pair.Key + 1, _count);
        return _count++;
    }

    private int FindSlot(ulong key)
    {
        ulong[] keys = _keys;
        int mask = keys.Length - 1;
        int slot = (int)(key * 0x9E3779B97F4A7C15 >> _shift);
        while (keys[slot] != 0 && keys[slot] != key)
            slot = (slot + 1) & mask;

        return slot;
    }

    private void Place(ulong key, int index)
    {
        int slot = FindSlot(key);
        (_keys[slot], _indices[slot]) = (key, index);
    }

    private void Grow()
    {
        Array.Resize(ref _pairs, checked(2 * _count));
        (_keys, _indices) = (new ulong[2 * _pairs.Length], new int[2 * _pairs.Length]);
        _shift--;
        for (int index = 0; index < _count; index++)
            Place(_pairs[index].Key + 1, index);
    }

    /// <summary>Two neighbours.</summary>
    internal struct Pair
    {
        /// <summary>Falls as neighbours are merged away, and never rises: no merge gives a token that is there already.</summary>
        public long Count;

        /// <summary>Where it was seen when it came up, from the first place to the last; it may be gone from there since.</summary>
        public ArraySegment<PiecePlace> Places;

        /// <summary>The left token.</summary>
        public required int Left { get; init; }

        /// <summary>The right token.</summary>
        public required int Right { get; init; }

        /// <summary>Both as one number, which grows first with the left one, then with the right one.</summary>
        public readonly ulong Key => KeyOf(Left, Right);

        /// <summary>The key of two tokens.</summary>
        public static ulong KeyOf(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

        /// <summary>Ends the pair.</summary>
        public void Clear() => (Count, Places) = (0, []);
    }
}
