using Inkling.Text.HuggingFace;

namespace Inkling.Text.Learning;

/// <summary>
/// Learns merges: the two neighbours that are seen together most often become one token, again and again. Every merge visits only the places where its
/// pair is. Together the merges visit a place at most as often as it is merged, so that the time is linear in the length of the different pieces.
/// </summary>
internal sealed class MergeLearner
{
    // Files write a byte as a character of one or two bytes, and longer names are refused when they are read.
    private const int MaximumTokenBytes = VocabularyTable.MaxNameBytes / 2;

    private const int ByteCount = BytePairTrainingOptions.ByteCount;
    private const int Border = -1;
    private const int Gone = -2;

    // All pieces one after the other, each byte a place, with a border around each piece. A token stands at the first and at the last of its places, so
    // that its neighbours are found from its length and theirs without any links; what lies between is never looked at.
    private readonly int[] _places;
    private readonly long[] _pieceCounts;
    private readonly PairTable _pairs = new();
    private readonly PairQueue _queue = new();
    private readonly PieceTable _known = new();
    private readonly List<byte[]> _tokens = [];
    private readonly List<(int Left, int Right)> _merges = [];
    private readonly NewPairs _newPairs = new();
    private readonly long _minimumCount;

    /// <summary>Counts the pairs of bytes.</summary>
    /// <param name="pieces">The different pieces of a text.</param>
    /// <param name="minimumCount">Pairs that are seen less often are not merged.</param>
    /// <param name="reserved">Byte strings that no merge may give.</param>
    /// <exception cref="InvalidDataException">The pieces together are too long.</exception>
    public MergeLearner(PieceTable pieces, long minimumCount, IEnumerable<byte[]> reserved)
    {
        _minimumCount = minimumCount;
        long length = 1L + pieces.ByteCount + pieces.Count;
        if (length > Array.MaxLength)
            throw new InvalidDataException($"The different pieces of the text have {pieces.ByteCount} bytes, which is too much; train on a part of it.");

        _places = new int[length];
        _pieceCounts = new long[pieces.Count];
        for (int value = 0; value < ByteCount; value++)
        {
            _tokens.Add([(byte)value]);
            _known.Add(_tokens[value], 1);
        }

        foreach (byte[] bytes in reserved)
            _known.Add(bytes, 1);

        LayOut(pieces);
        CountBytePairs();
    }

    /// <summary>The bytes of the tokens: 256 single ones, then what the merges give.</summary>
    public IReadOnlyList<byte[]> Tokens => _tokens;

    /// <summary>The merges in their order; the first gives token 256.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => _merges;

    /// <summary>Makes the next merge; false where no pair is seen often enough.</summary>
    public bool TryMerge()
    {
        while (_queue.TryPop(out long count, out int index))
        {
            ref PairTable.Pair pair = ref _pairs[index];
            if (pair.Count < count)
            {
                // It was seen more often when it was put there; no other one can be before it without being looked at first.
                if (pair.Count >= _minimumCount)
                    _queue.Push(pair.Count, pair.Key, index);

                continue;
            }

            if (_tokens[pair.Left].Length + _tokens[pair.Right].Length > MaximumTokenBytes)
            {
                pair.Clear();
                continue;
            }

            // Two ways to one token could not be told apart in a file, nor a token from text that spells a special one.
            byte[] bytes = [.. _tokens[pair.Left], .. _tokens[pair.Right]];
            if (_known.Add(bytes, 1))
            {
                _tokens.Add(bytes);
                _merges.Add((pair.Left, pair.Right));
                Apply(pair, _tokens.Count - 1);
                _pairs[index].Clear();
                return true;
            }

            pair.Clear();
        }

        return false;
    }

    private void LayOut(PieceTable pieces)
    {
        (int position, int piece) = (0, 0);
        _places[position++] = Border;
        foreach (PieceTable.Entry entry in pieces)
        {
            _pieceCounts[piece++] = entry.Count;
            foreach (byte value in entry.Piece)
                _places[position++] = value;

            _places[position++] = Border;
        }
    }

    private void CountBytePairs()
    {
        var counts = new long[ByteCount * ByteCount];
        var placeCounts = new int[ByteCount * ByteCount];
        for (int position = 1, piece = 0; position < _places.Length; position++)
        {
            if (_places[position] == Border)
            {
                piece++;
            }
            else if (_places[position + 1] != Border)
            {
                int code = (_places[position] * ByteCount) + _places[position + 1];
                counts[code] += _pieceCounts[piece];
                placeCounts[code]++;
            }
        }

        var places = new PiecePlace[counts.Length][];
        for (int code = 0; code < counts.Length; code++)
            places[code] = counts[code] >= _minimumCount ? new PiecePlace[placeCounts[code]] : [];

        Array.Clear(placeCounts);
        for (int position = 1, piece = 0; position < _places.Length; position++)
        {
            if (_places[position] == Border)
            {
                piece++;
            }
            else if (_places[position + 1] != Border)
            {
                int code = (_places[position] * ByteCount) + _places[position + 1];
                if (places[code].Length > 0)
                    places[code][placeCounts[code]++] = new PiecePlace(position, piece);
            }
        }

        for (int code = 0; code < counts.Length; code++)
        {
            if (places[code].Length == 0)
                continue;

            var pair = new PairTable.Pair { Left = code / ByteCount, Right = code % ByteCount, Count = counts[code], Places = places[code] };
            _queue.Push(pair.Count, pair.Key, _pairs.Add(pair));
        }
    }

    private void Apply(in PairTable.Pair pair, int token)
    {
        (int left, int right) = (pair.Left, pair.Right);
        (int leftLength, int rightLength) = (_tokens[left].Length, _tokens[right].Length);
        int[] places = _places;
        _newPairs.Begin(token);
        foreach (PiecePlace place in pair.Places.AsSpan())
        {
            int start = place.Position;
            int middle = start + leftLength;
            if (places[start] != left || places[middle] != right)
                continue; // one of the two was merged with something else since

            int end = middle + rightLength;
            (int before, int after) = (places[start - 1], places[end]);
            places[middle] = Gone;
            places[start] = places[end - 1] = token;

            long count = _pieceCounts[place.Piece];
            if (before == token)
                _newPairs.TakeBefore(left, count);
            else if (before >= 0)
                Lose(before, left, count);

            if (before >= 0)
                _newPairs.AddAfter(before, new PiecePlace(start - _tokens[before].Length, place.Piece), count);

            if (after >= 0)
            {
                Lose(right, after, count);
                _newPairs.AddBefore(after, place, count);
            }
        }

        _newPairs.MoveTo(_pairs, _queue, _minimumCount);
    }

    private void Lose(int left, int right, long count)
    {
        int index = _pairs.Find(left, right);
        if (index != PairTable.None)
            _pairs[index].Count -= count;
    }
}
