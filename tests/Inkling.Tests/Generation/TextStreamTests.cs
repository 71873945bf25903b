using System.Text;
using Inkling.Generation;
using Inkling.Text;

namespace Inkling.Tests.Generation;

public sealed class TextStreamTests
{
    [Fact]
    public void A_piece_comes_with_the_last_byte_of_its_character()
    {
        int[] tokens = [.. Encoding.UTF8.GetBytes("aé😀z").Select(b => (int)b)];

        Assert.Equal(["a", "é", "😀", "z"], tokens.ToText(ByteTokenizer.Create()));
    }

    [Fact]
    public void A_character_that_is_never_completed_becomes_a_replacement()
        => Assert.Equal(["a", "\uFFFD"], new[] { 'a', 0xE2, 0x82 }.ToText(ByteTokenizer.Create()));

    [Fact]
    public void Text_comes_while_tokens_are_still_generated()
        => Assert.Equal("a", Tokens().ToText(ByteTokenizer.Create()).First());

    [Fact]
    public void A_stop_string_ends_the_text_before_it_and_no_token_after_it_is_asked_for()
    {
        var stop = new StopDetector("c");

        Assert.Equal(["a", "b"], Once("a", "b", "c").Until(stop));
        Assert.Equal("c", stop.Found);
    }

    [Fact]
    public void What_could_have_been_a_stop_string_is_given_out_at_the_end()
        => Assert.Equal(["x", "ab"], new[] { "x", "a", "b" }.Until(new StopDetector("abc")));

    [Fact]
    public void A_stop_string_may_span_tokens_and_end_within_one()
    {
        int[] tokens = [.. Encoding.UTF8.GetBytes("1–2é😀3").Select(b => (int)b)];

        Assert.Equal("1–2", string.Concat(tokens.ToText(ByteTokenizer.Create()).Until(new StopDetector("é😀"))));
        Assert.Equal("one", string.Concat(new[] { "o", "ne, tw", "o, three" }.Until(new StopDetector(", two, "))));
    }

    private static IEnumerable<string> Once(params string[] pieces)
    {
        foreach (var piece in pieces)
            yield return piece;

        throw new InvalidOperationException("Nobody asked for another piece.");
    }

    private static IEnumerable<int> Tokens()
    {
        yield return 'a';
        throw new InvalidOperationException("Nobody asked for a second token.");
    }
}
