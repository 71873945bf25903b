using System.Text;
using Inkling.Text.Splitting;

namespace Inkling.Tests.Text.Splitting;

public sealed class RegexPatternTests
{
    [Theory]
    [InlineData(@"\p{L}+", "ab1é𝒳字", "ab|é𝒳字")]
    [InlineData(@"\pL+", "ab1c", "ab|c")]
    [InlineData(@"\p{^L}+", "ab12c", "12")]
    [InlineData(@".", "a\n😀", "a|😀")]
    [InlineData(@"(?m:.)", "a\n", "a|\n")]
    [InlineData(@"\w+", "aé\u0301_1 ⅷ-x", "aé\u0301_1|ⅷ|x")]
    [InlineData(@"[\w-]+", "a-b c", "a-b|c")]
    [InlineData(@"\W", "a-b", "-")]
    [InlineData(@"[a[bc]]+", "abcd", "abc")]
    [InlineData(@"[^a[bc]]+", "abcd", "d")]
    [InlineData(@"a++b", "aab", "aab")]
    [InlineData(@"a?+ab", "aab ab", "aab")]
    [InlineData(@"(?:ab)*+a", "ababa", "ababa")]
    [InlineData(@"(a|b)++c", "abac", "abac")]
    [InlineData(@"a+?", "aaa", "a|a|a")]
    [InlineData(@"a{2}", "aaaaa", "aa|aa")]
    [InlineData(@"\x{5B57}", "a字", "字")]
    [InlineData(@"\x41\u0042", "AB", "AB")]
    [InlineData(@"^b", "a\nb", "b")]
    [InlineData(@"\Ab", "a\nb", "")]
    [InlineData(@"(?<n>a)(?=b)", "ab a", "a")]
    [InlineData(@"(?<=a)b", "ab b", "b")]
    [InlineData(@"(?i:AB)", "aB", "aB")]
    [InlineData(@"[\]\[]", "[]", "[|]")]
    public void A_regular_expression_of_other_engines_matches_as_there(string pattern, string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Find(pattern, Encoding.UTF8.GetBytes(text)).Where(match => !match.IsEmpty).Select(match => TextOf(text, match))));

    [Theory]
    [InlineData("[a&&b]", "an intersection of sets, at character 2")]
    [InlineData("[a[^b]]", "a negated set inside a set, at character 3")]
    [InlineData("[a[b[c]]]", "a set inside a set inside a set, at character 4")]
    [InlineData("[a", "a set does not end, at character 2")]
    [InlineData("a)", "a group ends that has not begun, at character 1")]
    [InlineData("😀", "a character beyond U+FFFF, at character 0")]
    [InlineData("[😀]", "a character beyond U+FFFF, at character 1")]
    [InlineData(@"\x{1F600}", "a character beyond U+FFFF, at character 0")]
    [InlineData(@"\R", "\\R, at character 0")]
    [InlineData(@"\p{L", "a property without a name, at character 0")]
    [InlineData("a\\", "a backslash that nothing follows, at character 1")]
    [InlineData("*a", "Invalid pattern '*a' at offset 1. Quantifier '*' following nothing.")]
    public void What_has_no_equal_is_refused(string pattern, string problem) =>
        Assert.Equal($"the regular expression cannot be run: {problem}", Assert.Throws<FormatException>(() => new RegexPattern(pattern)).Message);

    [Fact]
    public void Known_patterns_match_what_their_scanners_find()
    {
        // The two ways to the same matches; the scanners have tests of their own.
        foreach (SplitPattern known in SplitPattern.All)
        {
            var regex = new RegexPattern(known.Regex);
            var scanner = new TextPattern.ScannedPattern(known);
            Law.Holds(RandomText.Bytes, text => Find(regex, text).SequenceEqual(Find(scanner, text)));
        }
    }

    [Fact]
    public void An_empty_match_does_not_stop_the_search() =>
        Assert.Equal([0, 1, 3], Find("x*", "aé"u8.ToArray()).Select(match => match.Start));

    [Fact]
    public void Pieces_cover_the_text_unless_matches_are_removed() =>
        Law.Holds(RandomText.Bytes, text =>
        {
            foreach (SplitBehavior behavior in Enum.GetValues<SplitBehavior>())
            {
                foreach (bool inverts in (bool[])[false, true])
                {
                    List<ByteRange> pieces = [];
                    if (text.Length > 0)
                        new PatternSplitter(new RegexPattern(@"[\p{L}\s]"), behavior, inverts).Split(text, pieces);

                    bool covers = pieces.Sum(piece => piece.End - piece.Start) == text.Length;
                    bool isInOrder = pieces.Zip(pieces.Skip(1)).All(pair => pair.First.End <= pair.Second.Start);
                    if (pieces.Any(piece => piece.IsEmpty) || !isInOrder || !(covers || behavior == SplitBehavior.Removed))
                        return false;
                }
            }

            return true;
        });

    private static List<ByteRange> Find(string pattern, byte[] text) => Find(new RegexPattern(pattern), text);

    private static List<ByteRange> Find(TextPattern pattern, byte[] text)
    {
        List<ByteRange> matches = [];
        pattern.FindMatches(text, matches);
        return matches;
    }

    private static string TextOf(string text, ByteRange range) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(range.Start, range.End - range.Start));
}
