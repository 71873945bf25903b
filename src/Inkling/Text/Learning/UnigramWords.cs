using System.Buffers;
using System.Text;

namespace Inkling.Text.Learning;

/// <summary>The different words of a text with their counts, one after the other in one array, as UTF-8 in which a space stands for ▁.</summary>
internal sealed class UnigramWords
{
    private const int CodePointCount = 0x110000;
    private const int SpaceMark = 0x2581; // ▁ itself, which could not be told from a space
    private const int NotCovered = -2;
    private const int NotSeen = -1;
    private const int WordsPerCheck = 1 << 14;

    private readonly List<int> _starts = [0];
    private readonly List<long> _counts = [];
    private readonly CancellationToken _cancellation;

    // By code point: where it is first, or one of the two.
    private readonly int[] _places = new int[CodePointCount];

    private readonly byte[] _bytes;
    private int _byteCount;

    /// <summary>Lays out the words.</summary>
    /// <param name="table">What <see cref="SpacedWordSplitter"/> found; a line end before other characters stands for a space.</param>
    /// <param name="coverage">How much of the text its characters make up that are covered.</param>
    /// <param name="maximumCharacters">How many characters are covered at most: the space and the most frequent.</param>
    /// <param name="linesAreTexts">Whether a line end is a space.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="InvalidDataException">The words together are too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public UnigramWords(PieceTable table, double coverage, int maximumCharacters, bool linesAreTexts, CancellationToken cancellation)
    {
        if (table.ByteCount == Array.MaxLength)
            throw new InvalidDataException($"The different words of the text have {table.ByteCount} bytes, which is too much; train on a part of it.");

        _cancellation = cancellation;
        Characters = Cover(CountCharacters(table, linesAreTexts), coverage, maximumCharacters);
        Array.Fill(_places, NotCovered);
        foreach ((Rune character, _) in Characters)
            _places[character.Value] = NotSeen;

        _bytes = new byte[table.ByteCount + 1];
        if (Characters.Count > 0)
            LayOut(new PieceTable.Entry(" "u8, 1), linesAreTexts); // the one before the text

        int number = 0;
        foreach (PieceTable.Entry word in table)
        {
            CheckAt(number++);
            LayOut(word, linesAreTexts);
        }
    }

    /// <summary>
    /// The characters that are covered, with their counts: the space, because the tokenizer puts one before every text, and the most frequent others.
    /// </summary>
    public IReadOnlyList<(Rune Character, long Count)> Characters { get; }

    /// <summary>How many words there are.</summary>
    public int Count => _counts.Count;

    /// <summary>All words one after the other.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _byteCount);

    /// <summary>A word.</summary>
    public ReadOnlySpan<byte> this[int word] => _bytes.AsSpan(_starts[word].._starts[word + 1]);

    /// <summary>How often a word is seen.</summary>
    public long CountOf(int word) => _counts[word];

    /// <summary>Where a covered character is in <see cref="Bytes"/>.</summary>
    public int PlaceOf(Rune character) => _places[character.Value];

    /// <summary>Where a word begins in <see cref="Bytes"/>; for their number, where they end.</summary>
    public int StartOf(int word) => _starts[word];

    private long[] CountCharacters(PieceTable table, bool linesAreTexts)
    {
        var counts = new long[CodePointCount];
        int number = 0;
        foreach (PieceTable.Entry word in table)
        {
            CheckAt(number++);
            for (int at = 0, length; at < word.Piece.Length; at += length)
            {
                if (TryRead(word.Piece, at, linesAreTexts, out Rune character, out length))
                    counts[character.Value] += word.Count;
            }
        }

        if (counts.Any(count => count > 0))
            counts[' ']++;

        return counts;
    }

    private static List<(Rune, long)> Cover(long[] counts, double coverage, int maximumCharacters)
    {
        var covered = new List<(Rune, long)>();
        double wanted = coverage * counts.Sum();
        long reached = 0;
        IEnumerable<int> seen = Enumerable.Range(0, CodePointCount).Where(value => counts[value] > 0);
        foreach (int value in seen.OrderByDescending(value => value == ' ').ThenByDescending(value => counts[value]))
        {
            if (reached >= wanted || covered.Count == maximumCharacters)
                break;

            covered.Add((new Rune(value), counts[value]));
            reached += counts[value];
        }

        return covered;
    }

    // Cuts at what is not covered.
    private void LayOut(PieceTable.Entry word, bool linesAreTexts)
    {
        for (int at = 0, length; at < word.Piece.Length; at += length)
        {
            if (TryRead(word.Piece, at, linesAreTexts, out Rune character, out length) && _places[character.Value] is not NotCovered and var place)
            {
                if (place == NotSeen)
                    _places[character.Value] = _byteCount;

                _byteCount += character.EncodeToUtf8(_bytes.AsSpan(_byteCount));
            }
            else
            {
                EndWord(word.Count);
            }
        }

        EndWord(word.Count);
    }

    private static bool TryRead(ReadOnlySpan<byte> word, int at, bool linesAreTexts, out Rune character, out int length)
    {
        bool isValid = Rune.DecodeFromUtf8(word[at..], out character, out length) == OperationStatus.Done;
        if (linesAreTexts && character.Value is '\n' or '\r')
            character = new Rune(' ');

        return isValid && character.Value != SpaceMark;
    }

    private void EndWord(long count)
    {
        if (_byteCount == _starts[^1])
            return;

        _starts.Add(_byteCount);
        _counts.Add(count);
    }

    private void CheckAt(int number)
    {
        if (number % WordsPerCheck == 0)
            _cancellation.ThrowIfCancellationRequested();
    }
}
