using System.Diagnostics;
using System.Text;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

public class SmallNormalizerTests
{
    private static readonly LowercaseNormalizer Lower = new();
    private static readonly StripAccentsNormalizer StripAccents = new();

    [Theory]
    [InlineData("HELLO, Welt 1", "hello, welt 1")]
    [InlineData("ÄÖÜẞ", "äöüß")]
    [InlineData("ΟΔΥΣΣΕΥΣ", "οδυσσευσ")] // no rule for the end of a word
    [InlineData("\u0130I", "i\u0307i")] // the only capital with two small letters
    [InlineData("\u212A\u2126", "kω")] // shorter when small
    [InlineData("\u023A", "\u2C65")] // longer when small
    [InlineData("\U00010400\U0001E900", "\U00010428\U0001E922")]
    [InlineData("ǅ", "ǆ")] // title case
    [InlineData("Ა", "ა")]
    public void Capital_letters_become_small(string text, string small) => Assert.Equal(small, Normalized.By(Lower, text));

    [Fact]
    public void Small_letters_are_those_of_NET_but_for_capitals_of_later_versions()
    {
        foreach (int[] some in UnicodeText.CodePoints.Where(codePoint => codePoint != 0x130 && !IsLater(codePoint)).Chunk(100))
        {
            Rune[] characters = [.. some.Select(codePoint => new Rune(codePoint))];

            Assert.Equal(string.Concat(characters.Select(Rune.ToLowerInvariant)), Normalized.By(Lower, string.Concat(characters)));
        }

        static bool IsLater(int codePoint) =>
            codePoint is 0x1C89 or (>= 0xA7CB and <= 0xA7DC) or (>= 0x10D50 and <= 0x10D65) or (>= 0x16EA0 and <= 0x16EB8);
    }

    [Fact]
    public void Small_letters_know_where_they_come_from()
    {
        Assert.Equal("a←A i←\u0130 \u0307←\u0130 k←\u212A b←B", Normalized.Places(Lower, "A\u0130\u212AB"));
        Assert.Equal([(byte)'a', 0xC3, (byte)'b', 0xFF], Normalized.By(Lower, [(byte)'A', 0xC3, (byte)'B', 0xFF]));
    }

    [Fact]
    public void Long_text_is_lowered_in_pieces()
    {
        string text = string.Concat(Enumerable.Repeat("ABCdefÄ", 1_000)) + new string('X', 1_000);

        Assert.Equal(text.ToLowerInvariant(), Normalized.By(Lower, text));
    }

    [Fact]
    public void Accents_are_stripped_from_decomposed_text_only()
    {
        Assert.Equal("eéx", Normalized.By(StripAccents, "e\u0301éx"));
        Assert.Equal("\u0915x", Normalized.By(StripAccents, "\u0915\u093Ex\u20DD")); // marks of all kinds
        Assert.Equal("", Normalized.By(StripAccents, "\u0301\u0302"));
        Assert.Equal("a←a b←b", Normalized.Places(StripAccents, "a\u0301b\u0302"));
        Assert.Equal([(byte)'a', 0xCC, (byte)'b'], Normalized.By(StripAccents, [(byte)'a', 0xCC, (byte)'b']));
    }

    [Fact]
    public void What_counts_as_an_accent_is_what_counted_in_Unicode_9()
    {
        Assert.Equal("\u0AFA", Normalized.By(StripAccents, "\u0AFA")); // of Unicode 10
        Assert.Equal("", Normalized.By(StripAccents, "\u1CF2")); // a mark then, a letter today
    }

    [Theory]
    [InlineData("  a b\u3000\n", "a b")]
    [InlineData(" \t ", "")]
    [InlineData("", "")]
    [InlineData("\u200Ba", "\u200Ba")] // no white space
    public void White_space_is_stripped_at_both_ends(string text, string stripped) =>
        Assert.Equal(stripped, Normalized.By(new StripNormalizer { Left = true, Right = true }, text));

    [Fact]
    public void White_space_is_stripped_at_one_end()
    {
        Assert.Equal("a ", Normalized.By(new StripNormalizer { Left = true, Right = false }, " a "));
        Assert.Equal(" a", Normalized.By(new StripNormalizer { Left = false, Right = true }, " a "));
        Assert.Equal("a←a", Normalized.Places(new StripNormalizer { Left = true, Right = true }, " a "));
        Assert.Equal([0xFF, (byte)' ', 0xE3, 0x80], Normalized.By(new StripNormalizer { Left = true, Right = true }, [(byte)' ', 0xFF, (byte)' ', 0xE3, 0x80, (byte)' ']));
    }

    [Fact]
    public void Strings_are_replaced_from_left_to_right()
    {
        var replace = new ReplaceNormalizer("aa", "é");

        Assert.Equal("éab é", Normalized.By(replace, "aaab aa"));
        Assert.Equal("x←x é←aa y←y", Normalized.Places(replace, "xaay"));
        Assert.Equal("xy", Normalized.By(new ReplaceNormalizer("aa", ""), "xaay"));
        Assert.Equal("", Normalized.By(replace, ""));
        Law.Holds(UnicodeText.Strings, text => Normalized.By(new ReplaceNormalizer("a", "bé"), text) == text.Replace("a", "bé", StringComparison.Ordinal));
    }

    [Fact]
    public void The_slowest_search_is_bounded()
    {
        // As much of the pattern as can be is found at every place.
        var replace = new ReplaceNormalizer(new string('a', 128) + "b" + new string('a', ReplaceNormalizer.MaxByteCount - 129), "c");
        byte[] text = Encoding.UTF8.GetBytes(new string('a', 1_000_000));
        var watch = Stopwatch.StartNew();

        Assert.Equal(text, Normalized.By(replace, text));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(0, 1, "The pattern has 0 bytes of UTF-8; use 1 to 256.")]
    [InlineData(257, 1, "The pattern has 257 bytes of UTF-8; use 1 to 256.")]
    [InlineData(1, 257, "The content has 257 bytes of UTF-8; use at most 256.")]
    public void Strings_that_would_take_too_long_or_too_much_are_refused(int pattern, int content, string problem)
    {
        var error = Assert.Throws<ArgumentException>(() => new ReplaceNormalizer(new string('a', pattern), new string('b', content)));

        Assert.StartsWith(problem, error.Message);
    }

    [Fact]
    public void A_text_that_is_not_empty_gets_a_prefix()
    {
        var prepend = new PrependNormalizer("▁");

        Assert.Equal("▁a b", Normalized.By(prepend, "a b"));
        Assert.Equal("", Normalized.By(prepend, ""));
        Assert.Equal("▁← a←a", Normalized.Places(prepend, "a"));
        Assert.Equal((0, 1), Normalized.WithPlaces(prepend, "ab").InputOf(0, 4));
    }

    [Fact]
    public void Each_step_stands_in_a_file_by_its_name_there()
    {
        Assert.Equal("""{"type":"Lowercase"}""", Normalized.Json(Lower));
        Assert.Equal("""{"type":"StripAccents"}""", Normalized.Json(StripAccents));
        Assert.Equal("""{"type":"Strip","strip_left":true,"strip_right":false}""", Normalized.Json(new StripNormalizer { Left = true, Right = false }));
        Assert.Equal("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", Normalized.Json(new ReplaceNormalizer(" ", "▁")));
        Assert.Equal("""{"type":"Prepend","prepend":"▁"}""", Normalized.Json(new PrependNormalizer("▁")));
    }
}
