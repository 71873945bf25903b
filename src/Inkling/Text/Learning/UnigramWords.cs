using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Inkling.Text.Learning;

/// <summary>The different words of a text with their counts, one after the other in one array, as UTF-8 in which a space stands for ▁.</summary>
internal sealed class UnigramWords
{
    /// <summary>Longer words are cut: for statistics it makes no difference.</summary>
    public const int MaximumWordBytes = 1_024;

    private const int CodePointCount = 0x110000;
    private const int SpaceMark = 0x2581; // ▁ itself, which could not be told from a space

    private readonly List<int> _starts = [0];
    private readonly List<long> _counts = [];
    private readonly Dictionary<Rune, int> _firstPlaces = [];
    private readonly byte[] _bytes;
    private int _byteCount;

    /// <summary>Lays out the words.</summary>
    /// <param name="table">What <see cref="SpacedWordSplitter"/> found.</param>
    /// <param name="coverage">How much of the text its characters make up that are covered.</param>
    /// <param name="linesAreTexts">Whether line ends are left out, and what follows them begins with a space.</param>
    /// <exception cref="InvalidDataException">The words together are too long.</exception>
    public UnigramWords(PieceTable table, double coverage, bool linesAreTexts)
    {
        long longest = (long)table.ByteCount + table.Count;
        if (longest > Array.MaxLength)
            throw new InvalidDataException($"The different words of the text have {table.ByteCount} bytes, which is too much; train on a part of it.");

        Characters = Cover(CountCharacters(table, linesAreTexts), coverage);
        var isCovered = new bool[CodePointCount];
        foreach ((Rune character, _) in Characters)
            isCovered[character.Value] = true;

        _bytes = new byte[longest];
        foreach (PieceTable.Entry word in table)
        {
            if (IsLeftOut(word.Piece, linesAreTexts))
                continue;

            if (IsWithoutSpace(word.Piece, linesAreTexts) && isCovered[' '])
                Append(new Rune(' '), " "u8);

            LayOut(word, isCovered);
        }
    }

    /// <summary>The characters that are covered, with their counts; ▁ as a space.</summary>
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
    public int PlaceOf(Rune character) => _firstPlaces[character];

    /// <summary>Where a word begins in <see cref="Bytes"/>.</summary>
    public int StartOf(int word) => _starts[word];

    private static bool IsLeftOut(ReadOnlySpan<byte> word, bool linesAreTexts) => linesAreTexts && word[0] is (byte)'\n' or (byte)'\r';

    private static bool IsWithoutSpace(ReadOnlySpan<byte> word, bool linesAreTexts) => linesAreTexts && word[0] != ' ';

    private static Dictionary<Rune, long> CountCharacters(PieceTable table, bool linesAreTexts)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (PieceTable.Entry word in table)
        {
            if (IsLeftOut(word.Piece, linesAreTexts))
                continue;

            if (IsWithoutSpace(word.Piece, linesAreTexts))
                CollectionsMarshal.GetValueRefOrAddDefault(counts, new Rune(' '), out _) += word.Count;

            for (int at = 0, length; at < word.Piece.Length; at += length)
            {
                if (Rune.DecodeFromUtf8(word.Piece[at..], out Rune character, out length) == OperationStatus.Done)
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += word.Count;
            }
        }

        counts.Remove(new Rune(SpaceMark));
        return counts;
    }

    private static List<(Rune, long)> Cover(Dictionary<Rune, long> counts, double coverage)
    {
        var covered = new List<(Rune, long)>();
        double wanted = coverage * counts.Values.Sum();
        long reached = 0;
        foreach ((Rune character, long count) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key))
        {
            if (reached >= wanted)
                break;

            covered.Add((character, count));
            reached += count;
        }

        return covered;
    }

    // Cuts at what is not covered, and where a word is too long.
    private void LayOut(PieceTable.Entry word, bool[] isCovered)
    {
        for (int at = 0, length; at < word.Piece.Length; at += length)
        {
            bool isValid = Rune.DecodeFromUtf8(word.Piece[at..], out Rune character, out length) == OperationStatus.Done;
            bool isTaken = isValid && isCovered[character.Value];
            if (!isTaken || _byteCount - _starts[^1] + length > MaximumWordBytes)
                EndWord(word.Count);

            if (isTaken)
                Append(character, word.Piece.Slice(at, length));
        }

        EndWord(word.Count);
    }

    private void Append(Rune character, ReadOnlySpan<byte> utf8)
    {
        _firstPlaces.TryAdd(character, _byteCount);
        utf8.CopyTo(_bytes.AsSpan(_byteCount));
        _byteCount += utf8.Length;
    }

    private void EndWord(long count)
    {
        if (_byteCount == _starts[^1])
            return;

        _starts.Add(_byteCount);
        _counts.Add(count);
    }
}
