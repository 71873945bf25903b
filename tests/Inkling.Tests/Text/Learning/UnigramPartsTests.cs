using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Inkling.Text.Learning;

namespace Inkling.Tests.Text.Learning;

/// <summary>What a unigram vocabulary is learned with, each part beside its definition.</summary>
public sealed class UnigramPartsTests
{
    private static readonly Gen<string> Texts =
        Gen.Elements("a", "b", "é", "e\u0301", "1", ".", " ", " ", "\n", "\0").NonEmptyListOf().Select(characters => string.Concat(characters));

    [Fact]
    public void Words_hold_one_kind_of_characters_and_the_space_before_them() =>
        Assert.Equal(
            ["a", " bc", " ", " d", ",", "\r\n\n", "e", "12", "é\u0301", " ", "\n", "f", " (", "①Ⅷ", ")"],
            Split(new SpacedWordSplitter(64), "a bc  d,\r\n\ne12é\u0301 \nf (①Ⅷ)"));

    [Fact]
    public void Where_lines_are_texts_a_line_end_stands_before_their_first_word_and_nowhere_else() =>
        Assert.Equal(
            ["\na", ",", " b", "\nc", " ", "\n1", "d", " e"], Split(new SpacedWordSplitter(64, linesAreTexts: true), "\na, b\r\n\nc \r\n1d\n\n e\n"));

    [Fact]
    public void Long_words_are_cut_at_fixed_distances_between_characters()
    {
        Assert.Equal([" ééé", "ééé", "éé", "!!!", "!"], Split(new SpacedWordSplitter(3), " éééééééé!!!!"));
        Assert.Equal(["\nééé", "é", "\nééé", " "], Split(new SpacedWordSplitter(3, linesAreTexts: true), "\néééé\nééé "));
    }

    [Fact]
    public void What_can_be_no_part_of_a_piece_divides_words() =>
        Assert.Equal(
            ["a", "b", " ", "c", " "],
            SplitBytes(new SpacedWordSplitter(64), [.. "a"u8, 0xC3, .. "b"u8, 0xFF, .. " \u2581c"u8, 0xE2, 0x96, .. " "u8, 0x80]).Select(Encoding.UTF8.GetString));

    /// <summary>Parts are the same whether a text is split at once or from any place where it may be cut.</summary>
    [Fact]
    public void Cuts_change_no_word() =>
        Law.Holds(Texts, text =>
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            foreach (bool linesAreTexts in (bool[])[false, true])
            {
                var splitter = new SpacedWordSplitter(2, linesAreTexts);
                for (int from = 1; from < utf8.Length; from++)
                {
                    int cut = splitter.FindCut(utf8, from);
                    Assert.Equal(SplitBytes(splitter, utf8), [.. SplitBytes(splitter, utf8[..cut]), .. SplitBytes(splitter, utf8[cut..])]);
                }
            }

            return true;
        });

    [Fact]
    public void Words_hold_the_characters_that_are_covered()
    {
        // 6 a, 4 spaces and the one before the text are more than 80 % of 13 characters; b and c are left out, and divide the word that they are in.
        UnigramWords words = WordsOf("a a abac a a", coverage: 0.8);

        Assert.Equal([(" ", 5L), ("a", 6L)], words.Characters.Select(found => (found.Character.ToString(), found.Count)));
        Assert.Equal(["  x1", " a x1", " a x3", "a x1", "a x1"], Describe(words).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lines_may_be_texts_that_begin_like_words() =>
        Assert.Equal(["  x1", " a x3", " b x1"], Describe(WordsOf("\na\n\na b\r\na", coverage: 1, linesAreTexts: true)).Order(StringComparer.Ordinal));

    [Fact]
    public void Bytes_that_are_not_UTF_8_and_the_mark_of_spaces_divide_words()
    {
        var table = new PieceTable();
        table.Add([(byte)'a', 0xC3, (byte)'b', 0xE2, 0x96, 0x81, (byte)'c'], 2);

        Assert.Equal(["  x1", "a x2", "b x2", "c x2"], Describe(Lay(table, 1)));
    }

    [Fact]
    public void Of_too_many_characters_the_most_frequent_are_covered()
    {
        UnigramWords words = Lay(TableOf("aaa bb c dd ee", linesAreTexts: false), 1, maximumCharacters: 3);

        // Of characters that are as frequent the first ones.
        Assert.Equal([(" ", 5L), ("a", 3L), ("b", 2L)], words.Characters.Select(found => (found.Character.ToString(), found.Count)));
        Assert.Equal(["  x1", "  x1", "  x1", "  x1", " bb x1", "aaa x1"], Describe(words).Order(StringComparer.Ordinal));
    }

    /// <summary>Candidates are what comes twice and is not always followed by the same character, of one kind of characters.</summary>
    [Fact]
    public void Seeds_are_the_strings_that_come_more_than_once() =>
        Law.Holds(Texts, text =>
        {
            foreach (int longest in (int[])[2, 3, 16])
            {
                UnigramWords words = WordsOf(text, coverage: 1);
                List<UnigramPiece> seeds = Seeds(words, longest, 1_000_000);
                Assert.Equal(seeds.OrderBy(seed => Encoding.UTF8.GetString(BytesOf(words, seed)), StringComparer.Ordinal), seeds);
                Dictionary<string, long> actual = seeds.ToDictionary(seed => Encoding.UTF8.GetString(words.Bytes.Slice(seed.Start, seed.Length)), seed => seed.Weight);
                Assert.Equal(NaiveSeeds(words, longest), actual);
            }

            return true;
        });

    [Fact]
    public void Of_too_many_seeds_the_weightiest_are_taken()
    {
        UnigramWords words = WordsOf("abc abc abc xy xy", coverage: 1);

        // Three times "abc", of which twice with a space; " xy" twice. They stay in the order of their bytes.
        Assert.Equal([" abc", "abc"], Seeds(words, 16, 2).Select(seed => Encoding.UTF8.GetString(BytesOf(words, seed))));
        Assert.Equal([8, 9], Seeds(words, 16, 2).Select(seed => seed.Weight));
        Assert.Equal(Seeds(words, 16, 3), Seeds(words, 16, 99)[..3]);
    }

    [Fact]
    public void The_sorted_trie_finds_what_is_in_it() =>
        Law.Holds(Texts, text =>
        {
            UnigramWords words = WordsOf(text, coverage: 1);
            (List<UnigramPiece> pieces, SortedTrie trie) = PiecesOf(words);
            string[] expected = [.. pieces.Select(piece => Encoding.UTF8.GetString(words.Bytes.Slice(piece.Start, piece.Length)))];
            for (int start = 0; start < text.Length; start++)
            {
                for (int length = 1; length <= text.Length - start; length++)
                    Assert.Equal(Array.IndexOf(expected, text.Substring(start, length)), Find(trie, text.Substring(start, length)));
            }

            return true;
        });

    [Fact]
    public void Expected_counts_are_those_over_all_ways_to_cut_a_word() =>
        Law.Holds(Texts, text =>
        {
            UnigramWords words = WordsOf(text, coverage: 1);
            (List<UnigramPiece> pieces, SortedTrie trie) = PiecesOf(words);
            var random = new Random(7);
            double[] scores = [.. pieces.Select(_ => -10 * random.NextDouble())];
            var lattice = new WordLattice(trie, scores, Array.ConvertAll(scores, Math.Exp));
            var path = new List<int>();
            for (int word = 0; word < words.Count; word++)
            {
                string spelled = Encoding.UTF8.GetString(words[word]);
                if (spelled.Length > 12)
                    continue; // 2^11 ways

                List<List<int>> ways = AllWays(trie, spelled);
                double[] probabilities = [.. ways.Select(way => Math.Exp(way.Sum(piece => scores[piece])))];
                var expected = new long[pieces.Count];
                lattice.AddExpected(words[word], 1e9, expected);
                for (int piece = 0; piece < pieces.Count; piece++)
                {
                    double sum = ways.Zip(probabilities, (way, probability) => way.Count(part => part == piece) * probability).Sum();
                    Assert.Equal(sum / probabilities.Sum() * 1e9, expected[piece], tolerance: 20); // a rounding for each place
                }

                double best = lattice.FindBest(words[word], SortedTrie.None, path);
                Assert.Equal(Math.Log(probabilities.Max()), best, 1e-9);
                Assert.Equal(best, path.Sum(piece => scores[piece]), 1e-9);
                int except = path[0];
                double[] others = [.. ways.Where(way => !way.Contains(except)).Select(way => way.Sum(piece => scores[piece]))];
                Assert.Equal(others.DefaultIfEmpty(double.NegativeInfinity).Max(), lattice.FindBest(words[word], except, path), 1e-9);
            }

            return true;
        });

    /// <summary>A product of many small probabilities is less than any double; there logarithms are added.</summary>
    [Fact]
    public void Expected_counts_of_long_words_are_the_same_by_products_and_by_logarithms()
    {
        UnigramWords words = WordsOf(string.Concat(Enumerable.Repeat("abcabdacd", 7)), coverage: 1);
        (List<UnigramPiece> pieces, SortedTrie trie) = PiecesOf(words);
        double[] scores = [.. pieces.Select((_, piece) => -1 - (piece % 3.1))];
        var expected = new long[pieces.Count];
        LatticeOf(scores).AddExpected(words[1], 1e9, expected);

        // Each byte makes a way by a factor less probable, so that the ways compare as before.
        double[] less = [.. scores.Select((score, piece) => score - (15.0 * pieces[piece].Length))];
        var actual = new long[pieces.Count];
        LatticeOf(less).AddExpected(words[1], 1e9, actual);

        Assert.InRange(Math.Exp(63 * -15.0), 0, 0);
        Assert.Contains(expected, count => count > 1e9);
        Assert.All(expected.Zip(actual), pair => Assert.Equal((double)pair.First, pair.Second, tolerance: 100));

        WordLattice LatticeOf(double[] scores) => new(trie, scores, Array.ConvertAll(scores, Math.Exp));
    }

    private static Dictionary<string, long> NaiveSeeds(UnigramWords words, int longest)
    {
        var counts = new Dictionary<string, long>();
        for (int word = 0; word < words.Count; word++)
        {
            Rune[] runes = [.. Encoding.UTF8.GetString(words[word]).EnumerateRunes()];
            for (int start = 0; start < runes.Length; start++)
            {
                for (int length = 1; length <= Math.Min(longest, runes.Length - start); length++)
                {
                    string text = string.Concat(runes[start..(start + length)]);
                    if (text.TrimStart(' ').EnumerateRunes().Select(KindOf).Distinct().Count() <= 1)
                        counts[text] = counts.GetValueOrDefault(text) + words.CountOf(word);
                }
            }
        }

        return counts
            .Where(string_ => string_.Value >= 2 && string_.Key.EnumerateRunes().Count() >= 2)
            .Where(string_ => !counts.Any(longer => longer.Value == string_.Value && IsOneMore(longer.Key, string_.Key)))
            .ToDictionary(string_ => string_.Key, string_ => string_.Value * string_.Key.EnumerateRunes().Count());

        static bool IsOneMore(string longer, string text) =>
            longer.StartsWith(text, StringComparison.Ordinal) && longer.EnumerateRunes().Count() == text.EnumerateRunes().Count() + 1;

        static char KindOf(Rune rune) =>
            rune.Value == '\n' ? 'n' : Rune.IsDigit(rune) ? '0' : Rune.IsLetter(rune) || rune.Value == 0x301 ? 'a' : '.';
    }

    private static List<List<int>> AllWays(SortedTrie trie, string word)
    {
        if (word.Length == 0)
            return [[]];

        return [.. Enumerable.Range(1, word.Length)
            .Select(length => (Piece: Find(trie, word[..length]), After: word[length..]))
            .Where(first => first.Piece != SortedTrie.None)
            .SelectMany(first => AllWays(trie, first.After).Select(way => way.Prepend(first.Piece).ToList()))];
    }

    private static int Find(SortedTrie trie, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        int node = trie.Begin(utf8[0]);
        for (int i = 1; node != SortedTrie.None && i < utf8.Length; i++)
            node = trie.Step(node, utf8[i]);

        return node == SortedTrie.None ? SortedTrie.None : trie.ValueAt(node);
    }

    private static (List<UnigramPiece> Pieces, SortedTrie Trie) PiecesOf(UnigramWords words)
    {
        IEnumerable<UnigramPiece> characters = words.Characters.Select(
            found => new UnigramPiece(words.PlaceOf(found.Character), found.Character.Utf8SequenceLength, IsCharacter: true, found.Count));
        List<UnigramPiece> pieces = [.. characters, .. Seeds(words, 4, 1_000)];
        pieces.Sort((left, right) => words.Bytes.Slice(left.Start, left.Length).SequenceCompareTo(words.Bytes.Slice(right.Start, right.Length)));
        return (pieces, new SortedTrie(words.Bytes, pieces));
    }

    private static ReadOnlySpan<byte> BytesOf(UnigramWords words, UnigramPiece piece) => words.Bytes.Slice(piece.Start, piece.Length);

    private static List<UnigramPiece> Seeds(UnigramWords words, int maximumLength, int maximumCount) =>
        SeedPieces.Find(words, maximumLength, maximumCount, threadCount: 2, found: null, CancellationToken.None);

    private static UnigramWords WordsOf(string text, double coverage, bool linesAreTexts = false) =>
        Lay(TableOf(text, linesAreTexts), coverage, linesAreTexts: linesAreTexts);

    private static PieceTable TableOf(string text, bool linesAreTexts)
    {
        var table = new PieceTable();
        foreach (byte[] word in SplitBytes(new SpacedWordSplitter(64, linesAreTexts), Encoding.UTF8.GetBytes(text)))
            table.Add(word, 1);

        return table;
    }

    private static UnigramWords Lay(PieceTable table, double coverage, int maximumCharacters = int.MaxValue, bool linesAreTexts = false) =>
        new(table, coverage, maximumCharacters, linesAreTexts, CancellationToken.None);

    private static List<string> Split(SpacedWordSplitter splitter, string text) => [.. SplitBytes(splitter, Encoding.UTF8.GetBytes(text)).Select(Encoding.UTF8.GetString)];

    private static List<byte[]> SplitBytes(SpacedWordSplitter splitter, ReadOnlySpan<byte> text)
    {
        List<byte[]> words = [];
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = splitter.Next(text, ref start);
            if (start < text.Length)
                words.Add(text[start..end].ToArray());
        }

        return words;
    }

    private static List<string> Describe(UnigramWords words) =>
        [.. Enumerable.Range(0, words.Count).Select(word => $"{Encoding.UTF8.GetString(words[word])} x{words.CountOf(word)}")];
}
