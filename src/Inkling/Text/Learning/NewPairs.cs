using System.Runtime.InteropServices;

namespace Inkling.Text.Learning;

/// <summary>Collects the pairs that come up with one merge: each has the new token on at least one side. The arrays are kept from merge to merge.</summary>
internal sealed class NewPairs
{
    // By the neighbour of the new token: twice its id, plus 1 where it follows. The new token before itself counts as a neighbour before.
    private long[] _counts = new long[1 << 10];
    private int[] _placeCounts = new int[1 << 10];
    private readonly List<int> _codes = [];
    private readonly List<(int Code, PiecePlace Place)> _places = [];
    private int _token;

    /// <summary>Begins with the next token.</summary>
    public void Begin(int token)
    {
        _token = token;
        int codeCount = 2 * (token + 1);
        if (_counts.Length >= codeCount)
            return;

        Array.Resize(ref _counts, Math.Max(codeCount, 2 * _counts.Length));
        Array.Resize(ref _placeCounts, _counts.Length);
    }

    /// <summary>The new token now follows another one.</summary>
    /// <param name="neighbour">The other one.</param>
    /// <param name="place">Where the other one begins.</param>
    /// <param name="count">How often the piece is there.</param>
    public void AddAfter(int neighbour, PiecePlace place, long count) => Add(2 * neighbour, place, count);

    /// <summary>The new token now precedes another one.</summary>
    /// <param name="neighbour">The other one.</param>
    /// <param name="place">Where the new token begins.</param>
    /// <param name="count">How often the piece is there.</param>
    public void AddBefore(int neighbour, PiecePlace place, long count) => Add((2 * neighbour) + 1, place, count);

    /// <summary>The new token no longer precedes another one, which has become part of the new token itself.</summary>
    public void TakeBefore(int neighbour, long count) => _counts[(2 * neighbour) + 1] -= count;

    /// <summary>Passes on the pairs that are seen often enough ever to be merged, and forgets all.</summary>
    public void MoveTo(PairTable pairs, PairQueue queue, long minimumCount)
    {
        int total = 0;
        foreach (int code in _codes)
        {
            // From here on the count of places is the place of the next one.
            int next = _counts[code] >= minimumCount ? total : -1;
            total += next < 0 ? 0 : _placeCounts[code];
            _placeCounts[code] = next;
        }

        var places = new PiecePlace[total];
        foreach ((int code, PiecePlace place) in CollectionsMarshal.AsSpan(_places))
        {
            if (_placeCounts[code] >= 0)
                places[_placeCounts[code]++] = place;
        }

        int first = 0;
        foreach (int code in _codes)
        {
            int end = _placeCounts[code];
            if (end >= 0)
            {
                (int left, int right) = (code & 1) == 0 ? (code >> 1, _token) : (_token, code >> 1);
                var pair = new PairTable.Pair { Left = left, Right = right, Count = _counts[code], Places = new(places, first, end - first) };
                queue.Push(pair.Count, pair.Key, pairs.Add(pair));
                first = end;
            }

            (_counts[code], _placeCounts[code]) = (0, 0);
        }

        _codes.Clear();
        _places.Clear();
    }

    private void Add(int code, PiecePlace place, long count)
    {
        if (_placeCounts[code]++ == 0)
            _codes.Add(code);

        _counts[code] += count;
        _places.Add((code, place));
    }
}
