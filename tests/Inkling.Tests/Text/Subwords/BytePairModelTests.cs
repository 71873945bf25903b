using System.Text;
using FsCheck.Fluent;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.Subwords;

/// <summary>Byte-pair encoding, each of its ways against merging by definition.</summary>
public sealed class BytePairModelTests
{
    private const string Corpus = "the theme of the thesis is that these themes are there, then aaaaaaaaa bananas; ananas aaa ab abab ababab. " +
        "Донаудампфшиффарт über Straße 中文字中文 \U0001F600\U0001F600\U0001F601 12 1212 121212\n\n\n        \t\t";

    [Fact]
    public void Merging_makes_the_pair_of_the_lowest_rank_first_and_the_leftmost_of_equals()
    {
        // a b c, then ab = 0 and bc = 1: "abc" is ab c, never a bc; "aaa" with aa is aa a.
        Assert.Equal("ab|c", Encode(Model("ab", "bc"), "abc"));
        Assert.Equal("a|bc", Encode(Model("bc", "ab"), "abc"));
        Assert.Equal("aa|a", Encode(Model("aa"), "aaa"));
        Assert.Equal("aaaa|aa|a", Encode(Model("aa", "aa+aa"), "aaaaaaa"));
    }

    [Fact]
    public void A_piece_that_merges_do_not_make_is_taken_whole_only_where_the_file_says_so()
    {
        // "abc" is a token, but ab, of lower rank than bc, is made first.
        Assert.Equal("ab|c", Encode(Model(takesWhole: false, "ab", "bc", "a+bc"), "abc"));
        Assert.Equal("abc", Encode(Model(takesWhole: true, "ab", "bc", "a+bc"), "abc"));
    }

    [Fact]
    public void All_ways_of_encoding_agree_with_merging_by_definition()
    {
        var (model, definition) = Trained(mergeCount: 60);
        var gen = Gen.OneOf(
                Gen.Elements(Corpus.EnumerateRunes().Select(rune => rune.ToString()).ToArray()),
                Gen.Elements("aaaa", "ab", "ana", "the", "then", "themes", "1212", "  ", "\U0001F600"))
            .NonEmptyListOf().Select(parts => string.Concat(parts));
        Law.Holds(gen, text => Agrees(model, definition, Encoding.UTF8.GetBytes(text)), cases: 5_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Long_pieces_agree_with_merging_by_definition(int alphabet)
    {
        var (model, definition) = Trained(mergeCount: 60);
        var random = new Random(alphabet);
        for (int length = 1; length < 700; length += random.Next(1, 9))
        {
            byte[] piece = [.. Enumerable.Range(0, length).Select(_ => (byte)"anb"[random.Next(alphabet)])];
            Assert.True(Agrees(model, definition, piece), Encoding.UTF8.GetString(piece));
        }
    }

    [Fact]
    public void Vocabularies_of_any_merges_agree_with_merging_by_definition()
    {
        // Merges that no training would give: parts made later than the whole, several ways to one token.
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            List<string> tokens = ["a", "b", "c"];
            var merges = new List<(string, string)>();
            for (int i = 0; i < 12; i++)
            {
                var pair = (tokens[random.Next(tokens.Count)], tokens[random.Next(tokens.Count)]);
                if (merges.Contains(pair) || pair.Item1.Length + pair.Item2.Length > 9)
                    continue;

                merges.Add(pair);
                if (!tokens.Contains(pair.Item1 + pair.Item2))
                    tokens.Add(pair.Item1 + pair.Item2);
            }

            if (round % 2 == 0)
                merges = [.. merges.OrderBy(_ => random.Next())];

            BytePairModel model = Build(tokens, merges, takesWhole: false);
            for (int i = 0; i < 40; i++)
            {
                byte[] piece = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ => (byte)"abc"[random.Next(3)])];
                Assert.Equal(ByDefinition(piece, tokens, merges), Ids(model, piece));
            }
        }
    }

    [Fact]
    public void An_explanation_has_the_merges_in_their_order()
    {
        var tokenizer = Tokenizer(Model("ab", "cd", "ab+cd"));
        EncodingExplanation explanation = tokenizer.Explain("abcdab");

        ExplainedPiece piece = Assert.Single(explanation.Pieces);
        Assert.Equal("abcdab", explanation.Normalized);
        Assert.Equal([new MergeStep("a", "b", 0), new MergeStep("a", "b", 0), new MergeStep("c", "d", 1), new MergeStep("ab", "cd", 2)], piece.Merges);
        Assert.Equal([(0, 4), (4, 2)], piece.Tokens.Select(token => (token.Start, token.Length)));
    }

    [Fact]
    public void A_piece_that_is_taken_whole_against_its_merges_is_explained_without_them()
    {
        EncodingExplanation explanation = Tokenizer(Model(takesWhole: true, "ab", "bc", "a+bc")).Explain("abc");
        Assert.Empty(Assert.Single(explanation.Pieces).Merges);
        Assert.Single(Assert.Single(Tokenizer(Model(takesWhole: true, "ab", "bc", "a+bc")).Explain("ab").Pieces).Merges);
    }

    [Fact]
    public void A_text_that_is_not_UTF_8_is_explained_as_it_is()
    {
        BytePairModel bytes = Trained(mergeCount: 2).Model;
        EncodingExplanation explanation = Tokenizer(bytes).Explain([(byte)'x', 0xFF]);
        Assert.Equal(@"x\xFF", explanation.Normalized);
        Assert.Equal(['x', 0xFF], Assert.Single(explanation.Pieces).Tokens.Select(token => token.Id));
    }

    [Fact]
    public void A_byte_without_a_token_is_an_error_with_its_offset()
    {
        var tokenizer = Tokenizer(Model("ab"));
        var error = Assert.Throws<UnknownCharacterException>(() => tokenizer.Encode("abé\U0001F600x"));
        Assert.Equal((2, 2, 'é'), ((int)error.ByteOffset, (int)error.CharacterIndex, (char)error.Character.Value));
    }

    private static bool Agrees(BytePairModel model, Func<byte[], List<int>> definition, byte[] piece) => Ids(model, piece).SequenceEqual(definition(piece));

    private static int[] Ids(BytePairModel model, byte[] piece) => Tokenizer(model).Encode(piece);

    private static string Encode(BytePairModel model, string text)
    {
        Tokenizer tokenizer = Tokenizer(model);
        return string.Join('|', tokenizer.Encode(text).Select(id => Encoding.UTF8.GetString(tokenizer.BytesOf(id))));
    }

    private static PipelineTokenizer Tokenizer(BytePairModel model) => new(new TokenizerPipeline { Tokens = model.Tokens, Stages = [], Model = model });

    private static BytePairModel Model(params string[] merges) => Model(takesWhole: false, merges);

    // "ab" merges a and b; "ab+cd" merges ab and cd.
    private static BytePairModel Model(bool takesWhole, params string[] merges)
    {
        (string Left, string Right)[] pairs = [.. merges.Select(merge => merge.Contains('+') ? (merge.Split('+')[0], merge.Split('+')[1]) : (merge[..1], merge[1..]))];
        List<string> tokens = ["a", "b", "c", "d", .. pairs.Select(pair => pair.Left + pair.Right)];
        return Build(tokens, [.. pairs], takesWhole);
    }

    private static BytePairModel Build(List<string> tokens, List<(string Left, string Right)> merges, bool takesWhole) => new(
        [.. tokens.Select(Encoding.UTF8.GetBytes)],
        [.. merges.Select((merge, rank) => new Merge(tokens.IndexOf(merge.Left), tokens.IndexOf(merge.Right), tokens.IndexOf(merge.Left + merge.Right), rank))],
        takesWhole);

    /// <summary>A model with all bytes and the most frequent pairs of <see cref="Corpus"/>, found by counting again after each merge.</summary>
    private static (BytePairModel Model, Func<byte[], List<int>> Definition) Trained(int mergeCount)
    {
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        var merges = new List<Merge>();
        List<int> text = [.. Encoding.UTF8.GetBytes(Corpus).Select(value => (int)value)];
        for (int rank = 0; rank < mergeCount; rank++)
        {
            var pair = text.Zip(text.Skip(1)).GroupBy(both => both).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
            merges.Add(new Merge(pair.First, pair.Second, tokens.Count, rank));
            text = Apply(text, merges[^1]);
            tokens.Add([.. tokens[pair.First], .. tokens[pair.Second]]);
        }

        return (new BytePairModel([.. tokens], [.. merges], takesWholePieces: false), Define);

        List<int> Define(byte[] piece) => Merge([.. piece.Select(value => (int)value)], merges);
    }

    private static int[] ByDefinition(byte[] piece, List<string> tokens, List<(string Left, string Right)> merges) =>
    [
        .. Merge(
            [.. piece.Select(value => tokens.IndexOf(((char)value).ToString()))],
            [.. merges.Select((merge, rank) => new Merge(tokens.IndexOf(merge.Left), tokens.IndexOf(merge.Right), tokens.IndexOf(merge.Left + merge.Right), rank))]),
    ];

    // The definition: as long as any pair can be merged, merge the leftmost pair of the lowest rank.
    private static List<int> Merge(List<int> ids, List<Merge> merges)
    {
        while (true)
        {
            var (at, merge) = ids.Zip(ids.Skip(1))
                .Select((pair, at) => (at, Merge: merges.FirstOrDefault(merge => (merge.Left, merge.Right) == pair, new Merge(0, 0, 0, int.MaxValue))))
                .OrderBy(found => found.Merge.Rank).ThenBy(found => found.at).FirstOrDefault((-1, new Merge(0, 0, 0, int.MaxValue)));
            if (merge.Rank == int.MaxValue)
                return ids;

            ids[at] = merge.Result;
            ids.RemoveAt(at + 1);
        }
    }

    private static List<int> Apply(List<int> text, Merge merge)
    {
        var merged = new List<int>();
        foreach (int id in text)
        {
            if (merged.Count > 0 && merged[^1] == merge.Left && id == merge.Right)
                merged[^1] = merge.Result;
            else
                merged.Add(id);
        }

        return merged;
    }
}
