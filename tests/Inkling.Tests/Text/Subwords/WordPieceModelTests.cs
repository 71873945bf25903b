using System.Text;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.Subwords;

public sealed class WordPieceModelTests
{
    private static readonly string[] Names = ["[UNK]", "un", "##aff", "##able", "##a", "a", "##b", "ab", "##ba", "é", "##é", "aab", "##字字", "字", "##", "##ab"];

    [Fact]
    public void The_longest_token_is_taken_first_from_the_beginning_on()
    {
        Assert.Equal([1, 2, 3], Encode("unaffable"));
        Assert.Equal([7, 8], Encode("abba"));
        Assert.Equal([0], Encode("unx"));
        Assert.Equal([0], Encode("x"));
    }

    [Fact]
    public void A_word_of_too_many_characters_is_unknown()
    {
        Assert.Equal([9, 10, 10], Encode("ééé", longestWord: 3));
        Assert.Equal([0], Encode("éééé", longestWord: 3));
    }

    [Fact]
    public void Ids_are_those_of_the_published_search()
    {
        Law.Holds(FsCheck.Fluent.Gen.ListOf(FsCheck.Fluent.Gen.Elements("a", "b", "é", "字", "un", "aff", "##", "x")), letters =>
        {
            string word = string.Concat(letters);
            return word.Length == 0 || Encode(word).SequenceEqual(Reference(word));
        }, cases: 2_000);
    }

    // Every end from the last to the first is tried, with the words in a dictionary.
    private static List<int> Reference(string word)
    {
        var ids = new List<int>();
        for (int start = 0; start < word.Length;)
        {
            int end = word.Length;
            while (end > start && Find(word[start..end], start) < 0)
                end--;

            if (end == start)
                return [0];

            ids.Add(Find(word[start..end], start));
            start = end;
        }

        return ids;

        static int Find(string part, int start) => Array.IndexOf(Names, start == 0 ? part : $"##{part}") is var id and not 0 ? id : -1;
    }

    private static int[] Encode(string word, int longestWord = 100)
    {
        byte[][] tokens = [.. Names.Select(Encoding.UTF8.GetBytes)];
        var model = new WordPieceModel(Names, unknownId: 0, "##", longestWord);
        return new PipelineTokenizer(new TokenizerPipeline { Tokens = tokens, Stages = [], Model = model }).Encode(word);
    }
}
