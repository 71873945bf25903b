namespace Inkling.Text.Normalization;

/// <summary>Pairs of characters that Unicode composes to one.</summary>
internal sealed class CompositionTable
{
    // An open hash table at most half full; no key is 0.
    private const int Bits = 11;

    private readonly long[] _pairs = new long[1 << Bits];
    private readonly int[] _composed = new int[1 << Bits];
    private int _count;

    /// <summary>Adds a pair.</summary>
    public void Add(int first, int second, int composed)
    {
        if (++_count > 1 << (Bits - 1))
            throw new InvalidOperationException($"The table of compositions has room for {1 << (Bits - 1)}.");

        int place = PlaceOf(first, second);
        (_pairs[place], _composed[place]) = (Pair(first, second), composed);
    }

    /// <summary>What a pair composes to; 0 where it does not.</summary>
    public int Find(int first, int second) => _composed[PlaceOf(first, second)];

    private int PlaceOf(int first, int second)
    {
        long pair = Pair(first, second);
        int place = (int)((ulong)(pair * -7046029254386353131L) >> (64 - Bits)); // multiplied by 2⁶⁴ ÷ the golden ratio
        while (_pairs[place] != 0 && _pairs[place] != pair)
            place = (place + 1) & ((1 << Bits) - 1);

        return place;
    }

    private static long Pair(int first, int second) => ((long)first << UnicodeTable.ClassShift) | (long)second;
}
