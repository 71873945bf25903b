using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Inkling.Text.Learning;

/// <summary>
/// Finds the strings within words that a unigram vocabulary is chosen from. The places of the words are sorted by what follows, and strings that are seen
/// more than once are the common beginnings of neighbours; one that is always followed by the same character is left to the longer one.
/// </summary>
internal sealed class SeedPieces
{
    private readonly UnigramWords _words;
    private readonly int _maximumLength;

    // By byte of the words: how many bytes a piece that begins there may have, and the word that it is in.
    private readonly int[] _limits;
    private readonly int[] _wordAt;

    private SeedPieces(UnigramWords words, int maximumLength)
    {
        (_words, _maximumLength) = (words, maximumLength);
        _limits = new int[words.Bytes.Length];
        _wordAt = new int[words.Bytes.Length];
    }

    /// <summary>What kinds of characters a piece never mixes; ▁ goes before any of them.</summary>
    private enum Kind
    {
        Letter,
        Number,
        LineEnd,
        Other,
    }

    /// <summary>Finds strings of two characters or more.</summary>
    /// <param name="words">The words.</param>
    /// <param name="maximumLength">Characters of the longest.</param>
    /// <param name="maximumCount">Of more than so many those of the highest weight are taken.</param>
    /// <returns>Where each lies in the words; the weight is its count times its length in characters.</returns>
    public static List<UnigramPiece> Find(UnigramWords words, int maximumLength, int maximumCount)
    {
        var seeds = new SeedPieces(words, maximumLength);
        int[] places = seeds.SortedPlaces();
        List<UnigramPiece> found = seeds.CommonBeginnings(places);
        if (found.Count <= maximumCount)
            return found;

        // Stable, so that of equal ones the first in the order of bytes are taken, whatever order the words have.
        return [.. found.OrderByDescending(piece => piece.Weight).Take(maximumCount)];
    }

    private int[] SortedPlaces()
    {
        ReadOnlySpan<byte> bytes = _words.Bytes;
        var places = new int[bytes.Length];
        var keys = new ulong[bytes.Length];
        int count = 0;
        Span<byte> first = stackalloc byte[8];
        for (int word = 0; word < _words.Count; word++)
        {
            (int start, int end) = (_words.StartOf(word), _words.StartOf(word) + _words[word].Length);
            for (int at = start; at < end; at++)
            {
                if ((bytes[at] & 0xC0) == 0x80)
                    continue;

                (_limits[at], _wordAt[at]) = (LimitOf(bytes[at..end]), word);
                first.Clear();
                bytes.Slice(at, Math.Min(8, _limits[at])).CopyTo(first);
                (places[count], keys[count++]) = (at, BinaryPrimitives.ReadUInt64BigEndian(first));
            }
        }

        Array.Resize(ref places, count);
        keys.AsSpan(0, count).Sort(places.AsSpan());
        for (int from = 0, to; from < count; from = to)
        {
            for (to = from + 1; to < count && keys[to] == keys[from]; to++)
            {
            }

            places.AsSpan(from..to).Sort((left, right) => StringAt(left).SequenceCompareTo(StringAt(right)));
        }

        return places;
    }

    // Each string on the stack begins the ones above it; where the next place begins otherwise, they have been seen for the last time.
    private List<UnigramPiece> CommonBeginnings(ReadOnlySpan<int> places)
    {
        var found = new List<UnigramPiece>();
        var open = new Stack<(int Place, int Length, long Count)>();
        for (int i = 0; i < places.Length; i++)
        {
            (int place, int limit, long count) = (places[i], _limits[places[i]], _words.CountOf(_wordAt[places[i]]));
            int common = i == 0 ? 0 : CommonLength(places[i - 1], place);
            Close(open, common, found);
            if (limit == common)
                count += open.Pop().Count; // the same string once more

            open.Push((place, limit, count));
        }

        Close(open, 0, found);
        return found;
    }

    // Afterwards the string on top has the common length, or nothing is left.
    private void Close(Stack<(int Place, int Length, long Count)> open, int common, List<UnigramPiece> found)
    {
        (int place, long count) = (0, 0);
        while (open.Count > 0 && open.Peek().Length > common)
        {
            (place, int length, long seen) = open.Pop();
            count += seen;
            Take(place, length, count, found);
        }

        if (count == 0 || common == 0)
            return;

        if (open.Count > 0 && open.Peek().Length == common)
            count += open.Pop().Count;

        open.Push((place, common, count));
    }

    private void Take(int place, int length, long count, List<UnigramPiece> found)
    {
        int characterCount = Utf8Text.CountCharacters(_words.Bytes.Slice(place, length));
        if (count >= 2 && characterCount >= 2)
            found.Add(new UnigramPiece(place, length, IsCharacter: false, count * characterCount));
    }

    private ReadOnlySpan<byte> StringAt(int place) => _words.Bytes.Slice(place, _limits[place]);

    // Of whole characters.
    private int CommonLength(int left, int right)
    {
        ReadOnlySpan<byte> text = StringAt(left);
        int common = text.CommonPrefixLength(StringAt(right));
        if (common == text.Length)
            return common;

        while (common > 0 && (text[common] & 0xC0) == 0x80)
            common--;

        return common;
    }

    private int LimitOf(ReadOnlySpan<byte> text)
    {
        int at = text[0] == ' ' ? 1 : 0;
        Kind? kind = null;
        for (int count = at, length; at < text.Length && count < _maximumLength; at += length, count++)
        {
            Rune.DecodeFromUtf8(text[at..], out Rune character, out length);
            Kind found = KindOf(character);
            if (found != (kind ??= found))
                break;
        }

        return at;
    }

    private static Kind KindOf(Rune character) => character.Value is '\n' or '\r' ? Kind.LineEnd : Rune.GetUnicodeCategory(character) switch
    {
        // Marks belong to the letters that they stand on.
        <= UnicodeCategory.EnclosingMark => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Kind.Other,
    };
}
