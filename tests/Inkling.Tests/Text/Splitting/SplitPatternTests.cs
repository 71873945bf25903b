using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Inkling.Text.Splitting;

namespace Inkling.Tests.Text.Splitting;

/// <summary>The hand-written scanners against .NET's regular expressions.</summary>
public sealed class SplitPatternTests
{
    // What the patterns tell apart, thickly: letters of contractions in both cases, quotes, digits, every white space, marks, letters and digits beyond
    // the basic plane, and the long s, which is an s in another case.
    private static readonly Gen<string> Texts =
        Gen.Frequency(
                (6, Gen.Elements("s", "t", "r", "e", "v", "m", "l", "d", "S", "LL", "Re", "x", "é", "É", "HTML", "aB", "/", "ſ", "中", "\U00020000", "\U00010400", "\U00010428", "ª", "ǅ", "ʰ")),
                (3, Gen.Elements("'", "'", "’", ".", "-", "!", "_", "\u0301", "\u200d", "\U0001F600", "\0", "\u001c", "\u180e", "\ufeff")),
                (3, Gen.Elements("1", "22", "333", "4444", "²", "Ⅷ", "٣", "\U0001D7D8")),
                (4, Gen.Elements(" ", " ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u3000")),
                (2, RandomText.Strings))
            .NonEmptyListOf()
            .Select(parts => string.Concat(parts));

    public static TheoryData<string> Names { get; } = [.. SplitPattern.All.Select(pattern => pattern.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scanner_finds_what_the_regular_expression_finds_in_any_Unicode(string name)
    {
        SplitPattern pattern = SplitPattern.ByName(name);
        Regex regex = Oracle(pattern);
        Law.Holds(Texts, text => Pieces(pattern, text).SequenceEqual(Matches(regex, text)), cases: 5_000);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pieces_join_to_the_text_whatever_the_bytes_are(string name)
    {
        SplitPattern pattern = SplitPattern.ByName(name);
        Law.Holds(RandomText.Bytes, bytes => Pieces(pattern, bytes).SelectMany(piece => piece).SequenceEqual(bytes), cases: 1_000);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Where_a_text_can_be_cut_its_pieces_stay_the_same(string name)
    {
        SplitPattern pattern = SplitPattern.ByName(name);
        Law.Holds(
            Texts.Where(text => text.Length > 3),
            text =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                int cut = pattern.FindCut(bytes, bytes.Length / 3);
                return Pieces(pattern, bytes[..cut]).Concat(Pieces(pattern, bytes[cut..])).Select(Convert.ToHexString)
                    .SequenceEqual(Pieces(pattern, bytes).Select(Convert.ToHexString));
            },
            cases: 2_000);
    }

    [Fact]
    public void English_text_can_be_cut_soon()
    {
        byte[] text = Encoding.UTF8.GetBytes("It is a truth universally acknowledged, that a single man in possession of a good fortune");
        Assert.Equal("It is a truth universally".Length, SplitPattern.Gpt2.FindCut(text, 16));
        Assert.Equal(3, SplitPattern.Gpt2.FindCut("^^^"u8, 1));
    }

    [Theory]
    [InlineData("gpt2", "He'll  pay 12345 francs.\n\n  'S wonderful", "He|'ll| | pay| 12345| francs|.|\n\n | '|S| wonderful")]
    [InlineData("gpt4", "He'LL  pay 12345 francs.\n\n  'S wonderful", "He|'LL| | pay| |123|45| francs|.\n\n| | '|S| wonderful")]
    [InlineData("llama3", "(x) 'sx\t\ty", "(x|)| '|sx|\t|\ty")]
    [InlineData("gpt4o", "HTMLParser's iPhone 中A!\n/x", "HTMLParser's| i|Phone| 中|A|!\n/|x")]
    [InlineData("qwen2", "a 12 \n b", "a| |1|2| \n| b")]
    public void What_the_pieces_look_like(string name, string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), Pieces(SplitPattern.ByName(name), text));

    [Fact]
    public void Patterns_are_found_by_the_regular_expression_that_files_have()
    {
        Assert.Same(SplitPattern.Gpt2, SplitPattern.TryFind(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"));
        Assert.Equal(SplitPattern.Gpt4.Regex, SplitPattern.Llama3.Regex);
        Assert.Null(SplitPattern.TryFind("x+"));
    }

    [Fact]
    public void An_unknown_name_is_answered_with_those_there_are() =>
        Assert.StartsWith(
            "There is no split pattern gpt5; there are gpt2, gpt4, gpt4o, llama3, qwen2.",
            Assert.Throws<ArgumentException>(() => SplitPattern.ByName("gpt5")).Message,
            StringComparison.Ordinal);

    private static IEnumerable<string> Pieces(SplitPattern pattern, string text) => Pieces(pattern, Encoding.UTF8.GetBytes(text)).Select(Encoding.UTF8.GetString);

    private static List<byte[]> Pieces(SplitPattern pattern, byte[] text)
    {
        var pieces = new List<byte[]>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            int begin = start;
            end = pattern.Next(text, ref begin);
            Assert.Equal(start, begin);
            Assert.InRange(end, start + 1, text.Length);
            pieces.Add(text[start..end]);
        }

        return pieces;
    }

    // .NET's ignoring of case knows the Kelvin sign but not the long s, which the engines that these patterns were written for do know.
    private static Regex Oracle(SplitPattern pattern) => new(pattern.Regex.Replace("(?i:'s|", "(?i:'s|'ſ|"), RegexOptions.CultureInvariant);

    private static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => 'Ж',
        UnicodeCategory.LowercaseLetter => 'ж',
        UnicodeCategory.TitlecaseLetter => 'ǅ',
        UnicodeCategory.ModifierLetter => 'ʰ',
        UnicodeCategory.OtherLetter => '中',
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => '\u0301',
        _ => Rune.IsNumber(rune) ? '٣' : '°',
    };

    // .NET matches UTF-16 units, so a character beyond the basic plane is put in as one of the same class.
    private static IEnumerable<string> Matches(Regex regex, string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        string stand = string.Concat(runes.Select(rune => rune.IsBmp ? (char)rune.Value : StandIn(rune)));
        Assert.Equal(runes.Length, stand.Length);
        return regex.Matches(stand).Select(match => string.Concat(runes[match.Index..(match.Index + match.Length)]));
    }
}
