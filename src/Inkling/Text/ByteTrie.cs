namespace Inkling.Text;

/// <summary>A map from byte strings to numbers that is walked byte by byte.</summary>
internal sealed class ByteTrie
{
    /// <summary>No such node, or no value at it.</summary>
    public const int None = -1;

    // Edges lie in one open hash table: key node · 256 + byte + 1, so that 0 is an empty place.
    private readonly long[] _keys;
    private readonly int[] _children;
    private readonly int[] _values;
    private readonly int _shift;

    /// <summary>Builds the map.</summary>
    /// <param name="entries">Keys that are not empty; of equal ones the first counts.</param>
    /// <exception cref="OverflowException">The keys together are longer than a table can be.</exception>
    public ByteTrie(IReadOnlyList<(byte[] Key, int Value)> entries)
    {
        long total = 0;
        foreach ((byte[] key, _) in entries)
            total += key.Length;

        int bits = 4;
        while (1L << bits < 2 * total)
            bits++;

        if (bits > 30)
            throw new OverflowException($"A trie of {total} bytes is too large.");

        _shift = 64 - bits;
        _keys = new long[1 << bits];
        _children = new int[1 << bits];
        _values = new int[checked((int)total) + 1];
        Array.Fill(_values, None);
        int nodes = 1;
        foreach ((byte[] key, int value) in entries)
        {
            int node = 0;
            foreach (byte next in key)
            {
                ref int child = ref _children[PlaceOf(node, next, out bool isNew)];
                if (isNew)
                    child = nodes++;

                node = child;
            }

            if (_values[node] == None)
                _values[node] = value;
        }

        Array.Resize(ref _values, nodes);

        int PlaceOf(int node, byte next, out bool isNew)
        {
            int place = Find(node, next, out long key);
            isNew = _keys[place] == 0;
            _keys[place] = key;
            return place;
        }
    }

    /// <summary>Where every walk begins.</summary>
    public static int Root => 0;

    /// <summary>The node one byte further, or <see cref="None"/>.</summary>
    public int Step(int node, byte next)
    {
        int place = Find(node, next, out _);
        return _keys[place] == 0 ? None : _children[place];
    }

    /// <summary>The value of the key that ends at a node, or <see cref="None"/>.</summary>
    public int ValueAt(int node) => _values[node];

    /// <summary>The value of the longest key that <paramref name="text"/> begins with, or <see cref="None"/>.</summary>
    public int LongestMatch(ReadOnlySpan<byte> text, out int length)
    {
        (int found, int node) = (None, Root);
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            node = Step(node, text[i]);
            if (node == None)
                break;

            if (_values[node] != None)
                (found, length) = (_values[node], i + 1);
        }

        return found;
    }

    private int Find(int node, byte next, out long key)
    {
        key = ((long)node << 8) + next + 1;
        long[] keys = _keys;
        int mask = keys.Length - 1;
        int place = (int)((ulong)key * 0x9E3779B97F4A7C15 >> _shift);
        while (keys[place] != 0 && keys[place] != key)
            place = (place + 1) & mask;

        return place;
    }
}
