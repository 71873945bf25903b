namespace Inkling.Text.Learning;

/// <summary>A heap of pairs: the highest count comes first, and of equal ones that of the smaller left and then right token.</summary>
internal sealed class PairQueue
{
    private Entry[] _entries = new Entry[1 << 10];
    private int _count;

    /// <summary>Adds a pair.</summary>
    /// <param name="count">How often it is seen.</param>
    /// <param name="key">The two tokens as a number that grows first with the left one, then with the right one.</param>
    /// <param name="pair">Where the pair lies.</param>
    public void Push(long count, ulong key, int pair)
    {
        if (_count == _entries.Length)
            Array.Resize(ref _entries, checked(2 * _count));

        var entry = new Entry(count, key, pair);
        int place = _count++;
        while (place > 0 && entry.IsBefore(_entries[(place - 1) / 2]))
        {
            _entries[place] = _entries[(place - 1) / 2];
            place = (place - 1) / 2;
        }

        _entries[place] = entry;
    }

    /// <summary>Takes the first pair away; false where there is none.</summary>
    public bool TryPop(out long count, out int pair)
    {
        Entry top = _entries[0];
        (count, pair) = (top.Count, top.Pair);
        if (_count == 0)
            return false;

        Entry last = _entries[--_count];
        int place = 0;
        for (int child; (child = (2 * place) + 1) < _count; place = child)
        {
            if (child + 1 < _count && _entries[child + 1].IsBefore(_entries[child]))
                child++;

            if (!_entries[child].IsBefore(last))
                break;

            _entries[place] = _entries[child];
        }

        _entries[place] = last;
        return true;
    }

    private readonly struct Entry(long count, ulong key, int pair)
    {
        public readonly long Count = count;
        public readonly int Pair = pair;
        private readonly ulong _key = key;

        public bool IsBefore(in Entry other) => Count > other.Count || (Count == other.Count && _key < other._key);
    }
}
