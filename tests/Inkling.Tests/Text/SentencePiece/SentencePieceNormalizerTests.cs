using System.Text;
using Inkling.Tests.Text.Normalization;
using Inkling.Text.Normalization;
using Inkling.Text.SentencePiece;

namespace Inkling.Tests.Text.SentencePiece;

public sealed class SentencePieceNormalizerTests
{
    private static readonly CharsMap Map = CharsMap.TryRead(
        CharsMapWriter.Write(("\u00A0", " "), ("ﬁ", "fi"), ("\u0001", ""), ("\u2003", "  "), ("¨", " \u0308")), out _, out _)!;

    private static readonly SentencePieceRules AsItIs = new() { AddsDummyPrefix = false, RemovesExtraSpaces = false, EscapesSpaces = false };

    [Theory]
    [InlineData("Hello  world ", "▁Hello▁world")]
    [InlineData("  a", "▁a")]
    [InlineData("", "")]
    [InlineData("    ", "")]
    [InlineData("\u00A0 \u00A0", "")]
    [InlineData("\u0001", "")]
    [InlineData("a\u00A0\u2003b", "▁a▁b")]
    [InlineData("a \u0001 b", "▁a▁b")]
    [InlineData("a ¨", "▁a▁\u0308")]
    [InlineData("a¨", "▁a▁\u0308")]
    [InlineData("ﬁn\tal", "▁fin\tal")]
    [InlineData("▁a▁ ", "▁▁a")]
    [InlineData("▁", "")]
    public void By_default_spaces_are_tidied_and_a_word_begins_with_one(string text, string expected) => Normalizes(new SentencePieceRules { Map = Map }, text, expected);

    [Theory]
    [InlineData(" a  b ", " a  b ")]
    [InlineData("\u2003", "  ")]
    [InlineData("", "")]
    public void Without_rules_only_characters_are_replaced(string text, string expected) => Normalizes(AsItIs with { Map = Map }, text, expected);

    [Fact]
    public void Each_rule_does_its_part()
    {
        Normalizes(AsItIs with { EscapesSpaces = true }, " a  b ", "▁a▁▁b▁");
        Normalizes(AsItIs with { AddsDummyPrefix = true }, " a", "  a");
        Normalizes(AsItIs with { AddsDummyPrefix = true }, "", "");
        Normalizes(AsItIs with { RemovesExtraSpaces = true }, " a  b ", "a b");
        Normalizes(new SentencePieceRules { TreatsSpaceAsSuffix = true }, " a  b ", "a▁b▁");
        Normalizes(AsItIs with { TreatsSpaceAsSuffix = true }, "a", "a");
    }

    [Fact]
    public void What_the_user_defined_stays_as_it_is()
    {
        var rules = new SentencePieceRules { Map = Map, UserDefined = ["<ﬁ>", "<ﬁ", "ﬁﬁ", " x"] };

        Normalizes(rules, "ﬁ<ﬁ>ﬁﬁﬁ<ﬁ", "▁fi<ﬁ>ﬁﬁfi<ﬁ");
        Normalizes(rules, "a x  x", "▁a▁x▁x"); // but for its spaces
    }

    [Fact]
    public void A_byte_that_is_not_UTF_8_becomes_a_replacement_character()
    {
        byte[] text = [0xFF, (byte)'a', 0xE2, 0x82, 0xC0, 0x80, .. "é"u8];

        Assert.Equal("▁\uFFFDa\uFFFD\uFFFD\uFFFD\uFFFDé", Run(new SentencePieceRules { Map = Map }, text, out _));
    }

    [Fact]
    public void Every_part_knows_where_it_comes_from()
    {
        byte[] input = "  ﬁ \u00A0é  "u8.ToArray();
        Assert.Equal("▁fi▁é", Run(new SentencePieceRules { Map = Map }, input, out NormalizedText text));

        var origin = new TextOrigin(text, 0);
        Assert.Equal((2, 2), origin.Map(0, 3)); // the space that was put there
        Assert.Equal((2, 5), origin.Map(0, 4));
        Assert.Equal((2, 5), origin.Map(3, 5));
        Assert.Equal((5, 6), origin.Map(5, 8));
        Assert.Equal((8, 10), origin.Map(8, 10));
    }

    private static void Normalizes(SentencePieceRules rules, string text, string expected) => Assert.Equal(expected, Run(rules, Encoding.UTF8.GetBytes(text), out _));

    private static string Run(SentencePieceRules rules, byte[] input, out NormalizedText text)
    {
        text = new NormalizedText();
        text.Begin(default, tracks: true);
        new SentencePieceNormalizer(rules).Normalize(input, text, atStart: true);
        return Encoding.UTF8.GetString(text.Bytes);
    }
}
