using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Inkling.Text.Learning;

/// <summary>
/// Finds the strings within words that a unigram vocabulary is chosen from. The places of the words are sorted by what follows, no further than a piece is
/// long, and strings that are seen more than once are the common beginnings of neighbours; one that is always followed by the same character is left to the
/// longer one. Places are sorted by their first two bytes at once, then each such group by itself, so that beside six bytes for each byte of the words there
/// is only memory for the groups at work.
/// </summary>
internal sealed class SeedPieces
{
    // The groups that are sorted between two reports have at least so many places together, if there are as many.
    private const int PlacesPerReport = 1 << 20;
    private const int GroupCount = 1 << 16;
    private const int PlacesPerCheck = 1 << 16;

    // The first word that ends behind each of them is known, so that only a few words are walked over to the one that a place is in.
    private const int MarkBits = 6;

    private readonly UnigramWords _words;
    private readonly int _maximumLength;
    private readonly CancellationToken _cancellation;

    // By byte of the words: how many bytes a piece that begins there may have; 0 where it could not have two characters, or none begins.
    private readonly ushort[] _limits;
    private readonly int[] _wordAtMark;

    private SeedPieces(UnigramWords words, int maximumLength, CancellationToken cancellation)
    {
        (_words, _maximumLength, _cancellation) = (words, maximumLength, cancellation);
        _limits = new ushort[words.Bytes.Length];
        _wordAtMark = new int[(words.Bytes.Length >> MarkBits) + 1];
    }

    /// <summary>Finds strings of two characters or more.</summary>
    /// <param name="words">The words, of which each has characters of one kind.</param>
    /// <param name="maximumLength">Characters of the longest.</param>
    /// <param name="maximumCount">Of more than so many those of the highest weight are taken, and of equal weights the first in the order of their bytes.</param>
    /// <param name="threadCount">How many threads work; they change nothing in the result.</param>
    /// <param name="found">Told which share of the places was looked at, and how many strings were found.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>Where each lies in the words, in the order of their bytes; the weight is its count times its length in characters.</returns>
    public static List<UnigramPiece> Find(
        UnigramWords words, int maximumLength, int maximumCount, int threadCount, Action<double, int>? found, CancellationToken cancellation)
    {
        var seeds = new SeedPieces(words, maximumLength, cancellation);
        (int[] places, int[] groups) = seeds.Group();
        var all = new List<UnigramPiece>();
        for (int from = 0, to; from < GroupCount; from = to)
        {
            for (to = from + 1; to < GroupCount && groups[to] - groups[from] < PlacesPerReport; to++)
            {
            }

            foreach (List<UnigramPiece>? some in seeds.FindIn(places, groups.AsMemory(from..(to + 1)), threadCount))
                all.AddRange(some ?? []);

            if (all.Count > 2L * maximumCount)
                all = Heaviest(all, maximumCount);

            found?.Invoke(places.Length == 0 ? 1 : (double)groups[to] / places.Length, Math.Min(all.Count, maximumCount));
        }

        return Heaviest(all, maximumCount);
    }

    // Pieces are in the order of their bytes, and stay so.
    private static List<UnigramPiece> Heaviest(List<UnigramPiece> pieces, int count)
    {
        if (pieces.Count <= count)
            return pieces;

        long[] weights = [.. pieces.Select(piece => piece.Weight)];
        Array.Sort(weights);
        long least = weights[^count];
        int equalCount = count - weights.Count(weight => weight > least);
        return [.. pieces.Where(piece => piece.Weight > least || (piece.Weight == least && equalCount-- > 0))];
    }

    // Sorts the places by their first two bytes; the places of each group follow those of the one before.
    private (int[] Places, int[] Groups) Group()
    {
        ReadOnlySpan<byte> bytes = _words.Bytes;
        int[] groups = new int[GroupCount + 1];
        for (int word = 0; word < _words.Count; word++)
        {
            if (word % PlacesPerCheck == 0)
                _cancellation.ThrowIfCancellationRequested();

            (int start, int end) = (_words.StartOf(word), _words.StartOf(word + 1));
            for (int mark = (start + (1 << MarkBits) - 1) >> MarkBits; mark << MarkBits < end; mark++)
                _wordAtMark[mark] = word;

            Limit(bytes, start, end);
            for (int at = start; at < end; at++)
            {
                if (_limits[at] > 0)
                    groups[GroupOf(bytes, at) + 1]++;
            }
        }

        for (int group = 0; group < GroupCount; group++)
            groups[group + 1] += groups[group];

        int[] places = new int[groups[^1]];
        int[] next = groups[..^1];
        for (int at = 0; at < bytes.Length; at++)
        {
            if (_limits[at] > 0)
                places[next[GroupOf(bytes, at)]++] = at;
        }

        return (places, groups);
    }

    // Two ends a number of characters apart move through the word together.
    private void Limit(ReadOnlySpan<byte> bytes, int start, int end)
    {
        int last = start;
        int count = 0;
        for (int at = start; at < end; at++)
        {
            if (IsInside(bytes[at]))
                continue;

            for (; last < end && (count < _maximumLength || IsInside(bytes[last])); last++)
                count += IsInside(bytes[last]) ? 0 : 1;

            _limits[at] = (ushort)(count >= 2 ? last - at : 0);
            count--;
        }
    }

    private List<UnigramPiece>?[] FindIn(int[] places, ReadOnlyMemory<int> groups, int threadCount)
    {
        var found = new List<UnigramPiece>?[groups.Length - 1];
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = threadCount, CancellationToken = _cancellation };
            Parallel.For(0, found.Length, options, () => new ulong[64], (group, _, keys) =>
            {
                Span<int> ofGroup = places.AsSpan(groups.Span[group]..groups.Span[group + 1]);
                if (ofGroup.Length == 0)
                    return keys;

                if (keys.Length < ofGroup.Length)
                    keys = new ulong[Math.Max(ofGroup.Length, Math.Min(2 * keys.Length, PlacesPerReport))];

                Sort(ofGroup, keys.AsSpan(0, ofGroup.Length));
                found[group] = CommonBeginnings(ofGroup);
                return keys;
            }, _ => { });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return found;
    }

    // Eight bytes at a time, of those that are equal so far.
    private void Sort(Span<int> places, Span<ulong> keys)
    {
        var open = new Stack<(int From, int To, int Depth)>();
        open.Push((0, places.Length, 2));
        while (open.TryPop(out (int From, int To, int Depth) range))
        {
            _cancellation.ThrowIfCancellationRequested();
            for (int i = range.From; i < range.To; i++)
                keys[i] = KeyAt(places[i], range.Depth);

            keys[range.From..range.To].Sort(places[range.From..range.To]);
            for (int from = range.From, to; from < range.To; from = to)
            {
                for (to = from + 1; to < range.To && keys[to] == keys[from]; to++)
                {
                }

                int ended = to - from < 2 ? to : from + SortEnded(places[from..to], keys[from..to], range.Depth);
                if (to - ended >= 2)
                    open.Push((ended, to, range.Depth + sizeof(ulong)));
            }
        }
    }

    private ulong KeyAt(int place, int depth)
    {
        ReadOnlySpan<byte> rest = _words.Bytes[(place + depth)..];
        int length = _limits[place] - depth;
        if (length <= 0)
            return 0;

        if (rest.Length >= sizeof(ulong))
        {
            ulong key = BinaryPrimitives.ReadUInt64BigEndian(rest);
            return length >= sizeof(ulong) ? key : key & (ulong.MaxValue << (64 - (8 * length)));
        }

        ulong last = 0;
        for (int i = 0; i < sizeof(ulong); i++)
            last = (last << 8) | (i < length ? rest[i] : 0u);

        return last;
    }

    // Those that end within the key come first, the shorter ones before the longer, which differ from them in zeros at the end. Returns how many these are.
    private int SortEnded(Span<int> places, Span<ulong> keys, int depth)
    {
        bool isSorted = true;
        for (int i = 0; i < places.Length; i++)
        {
            keys[i] = (ulong)Math.Min(_limits[places[i]] - depth, sizeof(ulong) + 1);
            isSorted &= i == 0 || keys[i - 1] <= keys[i];
        }

        if (!isSorted)
            keys.Sort(places);

        int ended = keys.IndexOf((ulong)sizeof(ulong) + 1);
        return ended < 0 ? places.Length : ended;
    }

    // Each string on the stack begins the ones above it; where the next place begins otherwise, they have been seen for the last time.
    private List<UnigramPiece> CommonBeginnings(ReadOnlySpan<int> places)
    {
        var found = new List<UnigramPiece>();
        var order = new List<(int First, int Length)>();
        var open = new Stack<(int First, int Length, long Count)>();
        for (int i = 0; i <= places.Length; i++)
        {
            if (i % PlacesPerCheck == 0)
                _cancellation.ThrowIfCancellationRequested();

            int common = i == 0 || i == places.Length ? 0 : CommonLength(places[i - 1], places[i]);
            (int first, long count) = (i, 0);
            while (open.Count > 0 && open.Peek().Length > common)
            {
                (first, int length, long seen) = open.Pop();
                count += seen;
                if (Take(places[first], length, count, found))
                    order.Add((first, length));
            }

            if (i == places.Length)
                break;

            // The common beginning has now been seen as often as what was on top of it.
            if (count > 0 && common > 0)
                Push(open, first, common, count);

            Push(open, i, _limits[places[i]], _words.CountOf(WordAt(places[i])));
        }

        // A string comes where it was first seen, after those that begin it.
        CollectionsMarshal.AsSpan(order).Sort(CollectionsMarshal.AsSpan(found));
        return found;
    }

    // The same string is there once.
    private static void Push(Stack<(int First, int Length, long Count)> open, int first, int length, long count)
    {
        if (open.TryPeek(out (int First, int Length, long Count) top) && top.Length == length)
        {
            open.Pop();
            (first, count) = (top.First, count + top.Count);
        }

        open.Push((first, length, count));
    }

    private bool Take(int place, int length, long count, List<UnigramPiece> found)
    {
        int characterCount = count < 2 ? 0 : Utf8Text.CountCharacters(_words.Bytes.Slice(place, length));
        if (characterCount < 2)
            return false;

        found.Add(new UnigramPiece(place, length, IsCharacter: false, count * characterCount));
        return true;
    }

    private int WordAt(int place)
    {
        int word = _wordAtMark[place >> MarkBits];
        while (_words.StartOf(word + 1) <= place)
            word++;

        return word;
    }

    private ReadOnlySpan<byte> StringAt(int place) => _words.Bytes.Slice(place, _limits[place]);

    // Of whole characters.
    private int CommonLength(int left, int right)
    {
        ReadOnlySpan<byte> text = StringAt(left);
        int common = text.CommonPrefixLength(StringAt(right));
        if (common == text.Length)
            return common;

        while (common > 0 && IsInside(text[common]))
            common--;

        return common;
    }

    private static int GroupOf(ReadOnlySpan<byte> bytes, int at) => (bytes[at] << 8) | bytes[at + 1];

    // A byte of a character that is not its first.
    private static bool IsInside(byte value) => (value & 0xC0) == 0x80;
}
