using System.Runtime.Intrinsics;

namespace Inkling.Text.Subwords;

/// <summary>
/// Merges neighbours until none is left that may be merged, the lowest rank first and of equal ones the leftmost. Short sequences are searched again for
/// each merge; for long ones candidates wait in a heap. Holds working memory, so it belongs to one thread at a time.
/// </summary>
internal sealed class PairMerger(MergeTable merges)
{
    /// <summary>Up to here looking at every pair again is faster than a heap.</summary>
    public const int ShortLength = 64;

    private int[] _ranks = new int[ShortLength];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _results = [];
    private ulong[] _heap = [];
    private int _heapCount;

    /// <summary>Called for each merge with the indices at which left and right begin in the sequence as it was, and the rank.</summary>
    public delegate void Observer(int left, int right, int end, int rank);

    /// <summary>Merges a sequence in place.</summary>
    /// <param name="ids">The tokens; what is left of them stands at the beginning afterwards.</param>
    /// <param name="lengths">How long each is in any unit, added up by merges; as long as <paramref name="ids"/>, or empty where nobody asks.</param>
    /// <param name="observe">Told of every merge; null where nobody asks.</param>
    /// <returns>How many tokens are left.</returns>
    public int Merge(Span<int> ids, Span<int> lengths, Observer? observe = null) =>
        ids.Length <= ShortLength && observe is null ? MergeShort(ids, lengths) : MergeLong(ids, lengths, observe);

    private int MergeShort(Span<int> ids, Span<int> lengths)
    {
        // Filled up with ranks that are never the lowest, so that whole vectors can be searched.
        int count = ids.Length;
        Span<int> ranks = _ranks.AsSpan(0, ShortLength);
        ranks[Math.Max(count - 1, 0)..].Fill(MergeTable.NoRank);
        for (int i = 0; i + 1 < count; i++)
            ranks[i] = merges.RankOf(ids[i], ids[i + 1], out _);

        while (count > 1)
        {
            int best = IndexOfLowest(ranks, count - 1, out int rank);
            if (rank == MergeTable.NoRank)
                break;

            merges.RankOf(ids[best], ids[best + 1], out ids[best]);
            count--;
            for (int i = best + 1; i < count; i++)
                (ids[i], ranks[i]) = (ids[i + 1], ranks[i + 1]);

            if (!lengths.IsEmpty)
            {
                lengths[best] += lengths[best + 1];
                lengths[(best + 2)..(count + 1)].CopyTo(lengths[(best + 1)..]);
            }

            ranks[best] = best + 1 < count ? merges.RankOf(ids[best], ids[best + 1], out _) : MergeTable.NoRank;
            if (best > 0)
                ranks[best - 1] = merges.RankOf(ids[best - 1], ids[best], out _);
        }

        return count;
    }

    // The leftmost of the lowest.
    private static int IndexOfLowest(ReadOnlySpan<int> ranks, int count, out int lowest)
    {
        Vector256<int> least = Vector256.Create(ranks);
        for (int i = Vector256<int>.Count; i < count; i += Vector256<int>.Count)
            least = Vector256.Min(least, Vector256.Create(ranks[i..]));

        Vector128<int> half = Vector128.Min(least.GetLower(), least.GetUpper());
        lowest = Math.Min(Math.Min(half[0], half[1]), Math.Min(half[2], half[3]));
        return ranks.IndexOf(lowest);
    }

    private int MergeLong(Span<int> ids, Span<int> lengths, Observer? observe)
    {
        int count = ids.Length;
        if (_next.Length < count)
        {
            int size = (int)Math.Min(Array.MaxLength, Math.Max(count, 2L * _next.Length));
            (_next, _previous, _results, _ranks) = (new int[size], new int[size], new int[size], new int[Math.Max(size, ShortLength)]);
        }

        _heapCount = 0;
        for (int i = 0; i < count; i++)
            (_next[i], _previous[i]) = (i + 1, i - 1);

        for (int i = 0; i + 1 < count; i++)
            Consider(i, ids);

        while (_heapCount > 0)
        {
            ulong entry = Pop();
            (int rank, int left) = ((int)(entry >> 32), (int)(uint)entry);
            if (_ranks[left] != rank)
                continue; // overtaken: one of the two was merged since

            int right = _next[left], end = _next[right];
            observe?.Invoke(left, right, end, rank);
            ids[left] = _results[left];
            if (!lengths.IsEmpty)
                lengths[left] += lengths[right];

            _ranks[right] = -1; // gone
            _next[left] = end;
            if (end < count)
                _previous[end] = left;

            _ranks[left] = MergeTable.NoRank;
            if (end < count)
                Consider(left, ids);

            if (_previous[left] >= 0)
                Consider(_previous[left], ids);
        }

        int kept = 0;
        for (int i = 0; i < count; i = _next[i])
        {
            ids[kept] = ids[i];
            if (!lengths.IsEmpty)
                lengths[kept] = lengths[i];

            kept++;
        }

        return kept;
    }

    private void Consider(int left, ReadOnlySpan<int> ids)
    {
        int rank = merges.RankOf(ids[left], ids[_next[left]], out _results[left]);
        _ranks[left] = rank;
        if (rank != MergeTable.NoRank)
            Push((ulong)(uint)rank << 32 | (uint)left);
    }

    private void Push(ulong entry)
    {
        if (_heapCount == _heap.Length)
            Array.Resize(ref _heap, Math.Max(256, checked(2 * _heap.Length)));

        int place = _heapCount++;
        while (place > 0 && _heap[(place - 1) / 2] > entry)
        {
            _heap[place] = _heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }

        _heap[place] = entry;
    }

    private ulong Pop()
    {
        ulong top = _heap[0], last = _heap[--_heapCount];
        int place = 0;
        for (int child; (child = (2 * place) + 1) < _heapCount; place = child)
        {
            if (child + 1 < _heapCount && _heap[child + 1] < _heap[child])
                child++;

            if (_heap[child] >= last)
                break;

            _heap[place] = _heap[child];
        }

        _heap[place] = last;
        return top;
    }
}
