using System.Text;
using Inkling.Text;

namespace Inkling.Tests.Text;

/// <summary>GPT-2's pair of files, small enough to be read.</summary>
public sealed class MergesFileTests
{
    private const string Vocabulary = """{"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "<|endoftext|>": 5}""";
    private const string Merges = "#version: 0.2\na b\nĠ ab\n";

    [Fact]
    public void Merges_are_made_in_their_order_on_bytes()
    {
        Tokenizer tokenizer = Load(Vocabulary, Merges);
        Assert.Equal([3, 4, 0], tokenizer.Encode("ab aba"));
        Assert.Equal(" ab", tokenizer.Decode([4]));
        Assert.Equal(6, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_token_that_no_merge_makes_is_a_special_one()
    {
        Tokenizer tokenizer = Load(Vocabulary, Merges);
        Assert.Equal([5, 0], tokenizer.Encode("<|endoftext|>a", SpecialTokenUse.Recognize));
        Assert.Throws<UnknownCharacterException>(() => tokenizer.Encode("<|endoftext|>a"));
        Assert.Equal("<|endoftext|>", tokenizer.Decode([5]));
    }

    [Fact]
    public void A_merge_of_a_token_that_nothing_makes_is_not_saved()
    {
        // The first merge waits for a part that the second makes, so all are kept in their order; cd is made by nothing.
        const string Unordered = """{"a": 0, "b": 1, "c": 2, "d": 3, "bc": 4, "abc": 5, "cd": 6, "cda": 7}""";
        Tokenizer tokenizer = Load(Unordered, "a bc\nb c\ncd a\n");
        using var saved = new MemoryStream();
        tokenizer.Save(saved);

        saved.Position = 0;
        Assert.Equal(tokenizer.Encode("cdaabc"), HuggingFaceTokenizer.Load(saved).Encode("cdaabc"));
    }

    [Fact]
    public void Lines_may_end_as_on_Windows_and_the_version_may_be_absent() =>
        Assert.Equal([4], Load(Vocabulary, "a b\r\nĠ ab\r\n").Encode(" ab"));

    [Theory]
    [InlineData("", "byte 0: not valid JSON")]
    [InlineData("[]", "byte 0: expected an object of tokens and ids")]
    [InlineData("{}", "byte 0: there is no token")]
    [InlineData("""{"a": 0""", "byte 6: not valid JSON")]
    [InlineData("""{"a": 0} x""", "byte 9: not valid JSON")]
    [InlineData("""{"a": "0"}""", "byte 6: expected an id for \\\"a\\\"")]
    [InlineData("""{"a": -1}""", "byte 6: expected an id for \\\"a\\\"")]
    [InlineData("""{"a": 2147483648}""", "byte 6: expected an id for \\\"a\\\"")]
    [InlineData("""{"a": {"b": 1}}""", "byte 6: expected an id for \\\"a\\\"")]
    [InlineData("""{"": 0}""", "byte 1: a token is empty")]
    [InlineData("""{"a": 0, "a": 1}""", "byte 14: token \\\"a\\\" is there twice")]
    [InlineData("""{"a": 0, "b": 0}""", "byte 14: id 0 is there twice")]
    [InlineData("""{"a": 0, "b": 2}""", "token \\\"b\\\": has the id 2, but 2 tokens have ids from 0 to 1")]
    [InlineData("""{"\ud800": 0}""", "byte 1: an escape stands for half a character (a lone surrogate)")]
    public void A_damaged_vocabulary_is_one_error(string vocabulary, string problem) =>
        Assert.Equal(
            $"vocab.json, {problem.Replace("\\\"", "\"")}", Assert.Throws<TokenizerFormatException>(() => Load(vocabulary, "")).Message);

    [Fact]
    public void A_vocabulary_that_is_not_UTF_8_is_an_error() =>
        Assert.Equal(
            "vocab.json, byte 2: Byte 0xFF at offset 2 is not valid UTF-8.",
            Assert.Throws<TokenizerFormatException>(() => MergesFile.Load(new MemoryStream([(byte)'{', (byte)'"', 0xFF]), new MemoryStream())).Message);

    [Theory]
    [InlineData("a", "line 1: expected two tokens with a space between, found \"a\"")]
    [InlineData("a b\na b ab", "line 2: expected two tokens with a space between, found \"a b ab\"")]
    [InlineData("a ", "line 1: expected two tokens with a space between, found \"a \"")]
    [InlineData("a c", "line 1: \"c\" is no token of vocab.json")]
    [InlineData("b a", "line 1: \"ba\" is no token of vocab.json")]
    public void Damaged_merges_are_one_error(string merges, string problem) =>
        Assert.Equal($"merges.txt, {problem}", Assert.Throws<TokenizerFormatException>(() => Load(Vocabulary, merges)).Message);

    private static Tokenizer Load(string vocabulary, string merges) =>
        MergesFile.Load(new MemoryStream(Encoding.UTF8.GetBytes(vocabulary)), new MemoryStream(Encoding.UTF8.GetBytes(merges)));
}
