using System.Text;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

public class BertNormalizerTests
{
    private static readonly BertNormalizer Uncased = new();
    private static readonly BertNormalizer Cased = new() { Lowercases = false };

    [Theory]
    [InlineData("Héllo, Wörld!", "hello, world!", "Héllo, Wörld!")]
    [InlineData("a\tb\r\nc\u00A0d\u3000e", "a b  c d e", "a b  c d e")]
    [InlineData("a\0b\u007Fc\u0085d\u200De\uFEFFf\uFFFDg\uE000h\u000Bi", "abcdefghi", "abcdefghi")]
    [InlineData("中文ab", " 中  文 ab", " 中  文 ab")]
    [InlineData("\uF900", " 豈 ", " \uF900 ")] // stands for another character
    [InlineData("かなカナ한글", "かなカナ\u1112\u1161\u11AB\u1100\u1173\u11AF", "かなカナ한글")]
    [InlineData("\u0130 ẞ ΑΣ", "i ß ασ", "\u0130 ẞ ΑΣ")]
    [InlineData("q\u0323\u0307\u0948x", "qx", "q\u0323\u0307\u0948x")]
    [InlineData("\u0915\u093E", "\u0915\u093E", "\u0915\u093E")] // a mark with a place of its own stays
    public void Text_is_made_ready_for_the_two_BERTs(string text, string uncased, string cased)
    {
        Assert.Equal(uncased, Normalized.By(Uncased, text));
        Assert.Equal(cased, Normalized.By(Cased, text));
    }

    [Fact]
    public void Each_step_can_be_left_out()
    {
        const string Text = "\tÉ中\0";

        Assert.Equal("\té 中 \0", Normalized.By(new BertNormalizer { CleansText = false, StripsAccents = false }, Text));
        Assert.Equal(" e中", Normalized.By(new BertNormalizer { SeparatesChinese = false }, Text));
        Assert.Equal(" E 中 ", Normalized.By(new BertNormalizer { StripsAccents = true, Lowercases = false }, Text));
        Assert.Equal(" é 中 ", Normalized.By(new BertNormalizer { StripsAccents = false }, Text));
        Assert.Equal(Text, Normalized.By(new BertNormalizer { CleansText = false, SeparatesChinese = false, Lowercases = false }, Text));
        Assert.Equal("i\u0307", Normalized.By(new BertNormalizer { StripsAccents = false }, "\u0130"));
    }

    [Fact]
    public void One_pass_does_what_the_four_steps_do_one_after_the_other() =>
        Law.Holds(UnicodeText.Strings, text =>
        {
            foreach (bool strips in new[] { false, true })
            {
                foreach (bool lowers in new[] { false, true })
                {
                    string expected = Clean(text);
                    if (strips)
                        expected = Without(UnicodeTraits.NonspacingMark, NaiveNormalization.Normalize(expected, NormalizationForm.FormD));

                    if (lowers)
                        expected = Normalized.By(new LowercaseNormalizer(), expected);

                    if (Normalized.By(new BertNormalizer { StripsAccents = strips, Lowercases = lowers }, text) != expected)
                        return false;
                }
            }

            return true;
        });

    [Fact]
    public void Marks_removed_by_cleaning_do_not_keep_others_from_their_order()
    {
        // Two musical marks of classes 216 and 226 which are not taken for accents, and a control character between.
        var normalizer = new BertNormalizer { StripsAccents = true };

        Assert.Equal("x\U0001D165\U0001D16D", Normalized.By(normalizer, "x\U0001D16D\0\U0001D165"));
    }

    [Fact]
    public void Each_character_knows_where_it_comes_from()
    {
        Assert.Equal("e←É x←X", Normalized.Places(Uncased, "ÉX"));
        Assert.Equal("a←a  ← 中←中  ← b←b", Normalized.Places(Uncased, "a中b"));
        Assert.Equal("a←a b←b", Normalized.Places(Uncased, "a\0b"));
        Assert.Equal(" ←\t b←B", Normalized.Places(Uncased, "\tB"));
        Assert.Equal("i←\u0130 \u0307←\u0130", Normalized.Places(new BertNormalizer { StripsAccents = false }, "\u0130"));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_stay()
    {
        byte[] text = [(byte)'E', 0xFF, .. "É\u0301"u8, 0xE4, 0xB8, .. "中"u8, 0xE4];

        Assert.Equal([(byte)'e', 0xFF, (byte)'e', 0xE4, 0xB8, .. " 中 "u8, 0xE4], Normalized.By(Uncased, text));
    }

    [Fact]
    public void Nothing_is_allocated_once_the_buffers_are_there()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Plain É e\u0301 q\u0307\u0323 가 中 \u212B ", 50)));
        var output = new NormalizedText();
        long allocated = 0;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            output.Begin(default, tracks: false);
            Uncased.Normalize(text, output, atStart: true);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void The_steps_stand_in_a_file_by_their_names_there()
    {
        Assert.Equal(
            """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""",
            Normalized.Json(Uncased));
        Assert.Equal(
            """{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":true,"lowercase":false}""",
            Normalized.Json(new BertNormalizer { CleansText = false, SeparatesChinese = false, StripsAccents = true, Lowercases = false }));
    }

    private static string Clean(string text)
    {
        var clean = new StringBuilder();
        foreach (Rune character in text.EnumerateRunes())
        {
            bool isSpace = Rune.IsWhiteSpace(character);
            bool isControl = (UnicodeTable.Instance[character.Value].Traits & UnicodeTraits.Control) != 0 && character.Value is not (9 or 10 or 13);
            if (isControl || character.Value == 0xFFFD || Rune.GetUnicodeCategory(character) == System.Globalization.UnicodeCategory.PrivateUse)
                continue;

            bool isChinese = character.Value is
                (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x2A6DF) or
                (>= 0x2A700 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F);
            clean.Append(isSpace ? " " : isChinese ? $" {character} " : character.ToString());
        }

        return clean.ToString();
    }

    private static string Without(UnicodeTraits trait, string text) =>
        string.Concat(text.EnumerateRunes().Where(character => (UnicodeTable.Instance[character.Value].Traits & trait) == 0));
}
