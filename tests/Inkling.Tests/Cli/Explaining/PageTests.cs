using System.Text;
using System.Text.RegularExpressions;
using Inkling.Cli.Explaining;
using Inkling.Cli.Screen;
using Inkling.Generation;
using Inkling.Generation.Explaining;
using Inkling.Tests.Models;
using Inkling.Text;

namespace Inkling.Tests.Cli.Explaining;

/// <summary>What the screen shows: within its width, in its characters, and the same with and without colour.</summary>
public sealed partial class PageTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    private const string Text = "a tab\tand – two\nlines 字";

    private static readonly ExplanationScope All = new(null, null, null);

    private static readonly Tokenizer Tokenizer = CharacterTokenizer.Train(Encoding.UTF8.GetBytes(Text));

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    [InlineData(60)]
    public void No_line_is_wider_than_the_screen(int width)
    {
        var pages =
            from scope in new[] { All, new(1, 0, null), new(null, null, 5), new(0, 1, 1_000) }
            from length in new[] { 1, 5, 23, 100 }
            from isAscii in new[] { false, true }
            select Show(new PageStyle(width, IsAscii: isAscii), scope, length);

        Assert.All(pages, page =>
        {
            Assert.All(page.Split('\n'), line => Assert.True(TextWidth.Of(line) <= width, line));
            Assert.DoesNotContain("\n\n\n", page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Without_Unicode_all_is_ASCII()
        => Assert.All(Show(new PageStyle(80, IsAscii: true)), character => Assert.InRange(character, '\n', '~'));

    [Fact]
    public void A_page_suits_its_terminal_and_a_file_is_UTF8()
    {
        var terminal = new Terminal { CanRedraw = true, HasColor = true, HasUnicode = true, Width = () => 120 };

        Assert.Equal(new PageStyle(79), PageStyle.Of(Terminal.None, isAscii: false));
        Assert.Equal(new PageStyle(79, IsAscii: true), PageStyle.Of(Terminal.None, isAscii: true));
        Assert.Equal(new PageStyle(119, HasColor: true), PageStyle.Of(terminal, isAscii: false));
        Assert.Equal(new PageStyle(119, IsAscii: true), PageStyle.Of(terminal with { HasColor = false, HasUnicode = false }, isAscii: false));
    }

    [Fact]
    public void Colour_changes_nothing_but_colour()
    {
        var (plain, colored) = (Show(new PageStyle(80)), Show(new PageStyle(80, HasColor: true)));

        Assert.DoesNotContain('\e', plain);
        Assert.Contains('\e', colored);
        Assert.Equal(plain, TrailingSpace().Replace(Escape().Replace(colored, ""), ""));
    }

    [Fact]
    public void Tokens_move_no_cursor()
        => Assert.All(Show(new PageStyle(80)), character => Assert.True(character is '\n' or >= ' ', $"{(int)character}"));

    [Fact]
    public void A_long_prompt_shows_its_last_tokens_and_says_so()
    {
        var page = Show(new PageStyle(80), length: 100);

        Assert.Contains("Shown are the last 24 of 100 tokens; --last changes that.", page, StringComparison.Ordinal);
        Assert.Contains("The first column (…) is what goes to the 76 tokens before those shown.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Shown are", Show(new PageStyle(80), length: 24), StringComparison.Ordinal);
    }

    [Fact]
    public void Layer_and_head_restrict_what_is_shown_and_a_head_shows_its_working()
    {
        var all = Show(new PageStyle(80));
        var one = Show(new PageStyle(80), new ExplanationScope(1, 0, null));

        Assert.Equal([0, 1], Numbers(all, "Layer ([0-9]): attention"));
        Assert.Equal([0, 1, 0, 1], Numbers(all, "  head ([0-9])"));
        Assert.DoesNotContain("score", all, StringComparison.Ordinal);
        Assert.Equal([1], Numbers(one, "Layer ([0-9]): attention"));
        Assert.Equal([0], Numbers(one, "\n  head ([0-9])"));
        Assert.Contains("How head 0 works out what \"4 b\" gets: ", one, StringComparison.Ordinal);
        Assert.Contains("score   weight", one, StringComparison.Ordinal);

        static IEnumerable<int> Numbers(string text, string pattern) => Regex.Matches(text, pattern).Select(match => int.Parse(match.Groups[1].Value));
    }

    /// <summary>A small head by hand: scores 0, 0 and ln 3 give the weights 1; ½ ½; ⅕ ⅕ ⅗.</summary>
    [Theory]
    [InlineData(60, false, "head 0|    0    1    2|    a    t    b|0 a 1.0█|1 t .50▓ .50▓|2 b .20░ .20░ .60▓")]
    [InlineData(60, true, "head 0|    0    1    2|    a    t    b|0 a 1.0#|1 t .50* .50*|2 b .20- .20- .60*")]
    [InlineData(15, false, "head 0|    0 1 2|    a t b|0 a ██|1 t ▓▓▓▓|2 b ░░░░▓▓")]
    [InlineData(8, false, "head 0|    012|    atb|0 a █|1 t ▓▓|2 b ░░▓")]
    public void A_matrix_has_numbers_where_they_fit_and_shades_everywhere(int room, bool isAscii, string expected)
    {
        var style = new PageStyle(room, IsAscii: isAscii);
        var labels = new TokenLabels(Tokenizer, Tokenizer.Encode("atb"), style);
        // A query of 1 and keys whose dot products are the scores: the third key alone differs.
        float[][] ones = [[1], [1], [1]], keys = [[0], [0], [(float)Math.Log(3)]];
        var attention = new AttentionExplanation(
            TextbookExample.Attention(causal: true).Shape with { QueryCount = 3, KeyCount = 3, KeyCapacity = 3, HeadSize = 1 }, ones, keys, ones);

        var lines = new AttentionMatrix(labels, first: 0, room, style).Draw(attention, 0);

        Assert.Equal(expected, string.Join('|', lines.Select(line => line.Text.TrimEnd())));
    }

    [Theory]
    [InlineData("a", false, "a")]
    [InlineData(" ", false, "␣")]
    [InlineData(" ", true, "\\s")]
    [InlineData("\n", false, "↵")]
    [InlineData("\n", true, "\\n")]
    [InlineData("\t", false, "\\t")]
    [InlineData("–", false, "–")]
    [InlineData("–", true, "\\u{2013}")]
    [InlineData("\u001b", false, "\\x1B")]
    [InlineData("\u202e", false, "\\u{202E}")]
    [InlineData("\u0301", false, "\\u{301}")]
    public void A_token_is_something_to_see(string token, bool isAscii, string expected)
        => Assert.Equal(expected, new TokenLabels(_ => Encoding.UTF8.GetBytes(token), [0], new PageStyle(80, IsAscii: isAscii)).Of(0));

    [Fact]
    public void Bytes_that_are_no_character_are_shown_in_hexadecimal()
        => Assert.Equal("a\\xE5\\xADb", new TokenLabels(_ => [0x61, 0xE5, 0xAD, 0x62], [0], new PageStyle(80)).Of(0));

    [Theory]
    [InlineData("paper", 5, "paper")]
    [InlineData("paper", 4, "pap…")]
    [InlineData("paper", 2, "pa")]
    [InlineData("paper", 1, "p")]
    [InlineData("字字字", 6, "字字字")]
    [InlineData("字字字", 4, "字…")]
    [InlineData("字", 1, "…")]
    public void A_text_is_cut_to_its_column(string text, int width, string expected) => Assert.Equal(expected, TextWidth.Cut(text, width, "…"));

    [Theory]
    [InlineData(0, "0.0000")]
    [InlineData(-9.99996, "-10.000")]
    [InlineData(123.456, "123.46")]
    [InlineData(-12345.6, "-12346")]
    [InlineData(-1.5e9, "-2e9")]
    public void Numbers_fit_their_column(double number, string expected) => Assert.Equal(expected, Numbers.Short(number));

    [Theory]
    [InlineData(0, ".00")]
    [InlineData(0.994, ".99")]
    [InlineData(0.995, "1.0")]
    public void Weights_take_three_characters(double weight, string expected) => Assert.Equal(expected, Numbers.Weight(weight));

    [Fact]
    public void At_temperature_0_nothing_is_drawn()
    {
        var page = Show(new PageStyle(80), options: new GenerationOptions { Temperature = 0 });

        Assert.Contains("\n  taken: \"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/ 0", page, StringComparison.Ordinal);
    }

    private string Show(PageStyle style, ExplanationScope? scope = null, int length = 5, GenerationOptions? options = null)
    {
        using var model = TinyModel.Create(
            variants[KernelVariants.Single[0]], TinyModel.Config with { VocabularySize = Tokenizer.VocabularySize, ContextLength = 128 });
        options ??= new GenerationOptions { TopK = 3 };
        var tokens = Tokenizer.Encode(string.Concat(Enumerable.Repeat(Text, 5)))[..length];
        var explanation = Explanation.Of(model, tokens, options);
        using var output = new StringWriter { NewLine = "\n" };
        var labels = new TokenLabels(Tokenizer, tokens, style);
        var page = new Page(output, style);
        new ExplanationPage(page, explanation, labels, scope ?? All).Write();
        NextTokenPage.Write(page, explanation.Next, labels, options);
        return output.ToString();
    }

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Escape();

    [GeneratedRegex(" +$", RegexOptions.Multiline)]
    private static partial Regex TrailingSpace();
}
