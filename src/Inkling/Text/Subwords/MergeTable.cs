namespace Inkling.Text.Subwords;

/// <summary>Finds what two tokens merge to.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge: later than every merge.</summary>
    public const int NoRank = int.MaxValue;

    // Pairs of the first tokens, which are the single bytes where those are what merging begins with, lie in a square: most questions are about them.
    private const int SquareSide = 256;

    private readonly Answer[] _square = new Answer[SquareSide * SquareSide];
    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <summary>Builds the table.</summary>
    /// <param name="merges">Of equal pairs the one of the lowest rank counts.</param>
    public MergeTable(IReadOnlyCollection<Merge> merges)
    {
        int bits = 4;
        while (1L << bits < 2L * merges.Count)
            bits++;

        _shift = 64 - bits;
        _entries = new Entry[1 << bits];
        Array.Fill(_square, new Answer(NoRank, 0));
        foreach (Merge merge in merges)
        {
            ref Entry entry = ref _entries[Find(KeyOf(merge.Left, merge.Right))];
            if (entry.Key == 0 || entry.Rank > merge.Rank)
                entry = new Entry(KeyOf(merge.Left, merge.Right), merge.Rank, merge.Result);

            if ((merge.Left | merge.Right) < SquareSide)
                _square[(merge.Left * SquareSide) + merge.Right] = new Answer(entry.Rank, entry.Result);
        }
    }

    /// <summary>The rank of a merge and what it gives; <see cref="NoRank"/> where the two do not merge.</summary>
    public int RankOf(int left, int right, out int result)
    {
        if ((uint)(left | right) < SquareSide)
        {
            Answer answer = _square[(left * SquareSide) + right];
            result = answer.Result;
            return answer.Rank;
        }

        Entry entry = _entries[Find(KeyOf(left, right))];
        result = entry.Result;
        return entry.Key == 0 ? NoRank : entry.Rank;
    }

    // Never 0, which marks an empty place, while ids are not negative.
    private static ulong KeyOf(int left, int right) => ((ulong)(uint)left << 32 | (uint)right) + 1;

    private int Find(ulong key)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int place = (int)(key * 0x9E3779B97F4A7C15 >> _shift);
        while (entries[place].Key != 0 && entries[place].Key != key)
            place = (place + 1) & mask;

        return place;
    }

    private readonly record struct Answer(int Rank, int Result);

    private readonly record struct Entry(ulong Key, int Rank, int Result);
}
