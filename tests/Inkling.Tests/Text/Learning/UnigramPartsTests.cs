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
    public void Words_take_the_space_before_them_and_line_ends_are_by_themselves() =>
        Assert.Equal(["a", " bc", " ", " d,", "\r\n\n", "e", " ", "\n", "f"], Split(new SpacedWordSplitter(), "a bc  d,\r\n\ne \nf"));

    [Fact]
    public void Words_hold_the_characters_that_are_covered()
    {
        // 6 a and 4 spaces of 12 characters are more than 80 %; b and c are left out, and divide the word that they are in.
        UnigramWords words = WordsOf("a a abac a a", coverage: 0.8);

        Assert.Equal([("a", 6L), (" ", 4L)], words.Characters.Select(found => (found.Character.ToString(), found.Count)));
        Assert.Equal([" a x1", " a x3", "a x1", "a x1"], Describe(words).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lines_may_be_texts_that_begin_like_words() =>
        Assert.Equal([" a x3", " b x1"], Describe(WordsOf("a\n\na b\r\na", coverage: 1, linesAreTexts: true)).Order());

    [Fact]
    public void Bytes_that_are_not_UTF_8_and_the_mark_of_spaces_divide_words()
    {
        var table = new PieceTable();
        table.Add([(byte)'a', 0xC3, (byte)'b', 0xE2, 0x96, 0x81, (byte)'c'], 2);

        Assert.Equal(["a x2", "b x2", "c x2"], Describe(new UnigramWords(table, 1, linesAreTexts: false)));
    }

    [Fact]
    public void Long_words_are_cut_between_characters()
    {
        UnigramWords words = WordsOf(new string('é', 1_000), coverage: 1);

        Assert.Equal([1_024, 976], Enumerable.Range(0, words.Count).Select(word => words[word].Length));
    }

    /// <summary>Candidates are what comes twice and is not always followed by the same character, of one kind of characters.</summary>
    [Fact]
    public void Seeds_are_the_strings_that_come_more_than_once() =>
        Law.Holds(Texts, text =>
        {
            foreach (int longest in (int[])[2, 3, 16])
            {
                UnigramWords words = WordsOf(text, coverage: 1);
                Dictionary<string, long> actual = SeedPieces.Find(words, longest, 1_000_000)
                    .ToDictionary(seed => Encoding.UTF8.GetString(words.Bytes.Slice(seed.Start, seed.Length)), seed => seed.Weight);
                Assert.Equal(NaiveSeeds(words, longest), actual);
            }

            return true;
        });

    [Fact]
    public void Of_too_many_seeds_the_weightiest_are_taken()
    {
        UnigramWords words = WordsOf("abc abc abc xy xy", coverage: 1);

        // Three times "abc", of which twice with a space; " xy" twice.
        Assert.Equal([9, 8], SeedPieces.Find(words, 16, 2).Select(seed => seed.Weight));
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
            var lattice = new WordLattice(trie, scores);
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
        List<UnigramPiece> pieces = [.. characters, .. SeedPieces.Find(words, 4, 1_000)];
        pieces.Sort((left, right) => words.Bytes.Slice(left.Start, left.Length).SequenceCompareTo(words.Bytes.Slice(right.Start, right.Length)));
        return (pieces, new SortedTrie(words.Bytes, pieces));
    }

    private static UnigramWords WordsOf(string text, double coverage, bool linesAreTexts = false)
    {
        var table = new PieceTable();
        foreach (string word in Split(new SpacedWordSplitter(), text))
            table.Add(Encoding.UTF8.GetBytes(word), 1);

        return new UnigramWords(table, coverage, linesAreTexts);
    }

    private static List<string> Split(SpacedWordSplitter splitter, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        List<string> words = [];
        for (int start = 0, end; start < utf8.Length; start = end)
        {
            end = splitter.Next(utf8, ref start);
            words.Add(Encoding.UTF8.GetString(utf8[start..end]));
        }

        return words;
    }

    private static List<string> Describe(UnigramWords words) =>
        [.. Enumerable.Range(0, words.Count).Select(word => $"{Encoding.UTF8.GetString(words[word])} x{words.CountOf(word)}")];
}
