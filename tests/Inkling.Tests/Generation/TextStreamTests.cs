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

        Assert.Equal(["a", "é", "😀", "z"], tokens.ToText(new ByteTokenizer()));
    }

    [Fact]
    public void A_character_that_is_never_completed_becomes_a_replacement()
        => Assert.Equal(["a", "\uFFFD"], new[] { 'a', 0xE2, 0x82 }.ToText(new ByteTokenizer()));

    [Fact]
    public void Text_comes_while_tokens_are_still_generated()
        => Assert.Equal("a", Tokens().ToText(new ByteTokenizer()).First());

    private static IEnumerable<int> Tokens()
    {
        yield return 'a';
        throw new InvalidOperationException("Nobody asked for a second token.");
    }

    /// <summary>Every byte is a token.</summary>
    private sealed class ByteTokenizer() : Tokenizer([.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })])
    {
        public override int[] Encode(ReadOnlySpan<byte> utf8) => [.. utf8.ToArray().Select(b => (int)b)];

        public override void Save(Stream stream) => throw new NotSupportedException();
    }
}
