using System.Diagnostics;
using System.Text;
using FsCheck.Fluent;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

public class UnicodeNormalizerTests
{
    private static readonly UnicodeNormalizer C = new(NormalizationForm.FormC);
    private static readonly UnicodeNormalizer D = new(NormalizationForm.FormD);
    private static readonly UnicodeNormalizer KC = new(NormalizationForm.FormKC);
    private static readonly UnicodeNormalizer KD = new(NormalizationForm.FormKD);
    private static readonly UnicodeNormalizer[] All = [C, D, KC, KD];

    // The version of unicode.bin.
    private const double UnicodeVersion = 15;

    [Theory]
    [InlineData("", "", "", "", "")]
    [InlineData("plain", "plain", "plain", "plain", "plain")]
    [InlineData("e\u0301", "\u00E9", "e\u0301", "\u00E9", "e\u0301")]
    [InlineData("\u00E9", "\u00E9", "e\u0301", "\u00E9", "e\u0301")]
    [InlineData("\u01D5", "\u01D5", "U\u0308\u0304", "\u01D5", "U\u0308\u0304")] // in two steps
    [InlineData("\u00DC\u0304", "\u01D5", "U\u0308\u0304", "\u01D5", "U\u0308\u0304")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307")]
    [InlineData("\u212B", "\u00C5", "A\u030A", "\u00C5", "A\u030A")] // one character stands for another
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")] // excluded from composition
    [InlineData("\u0344", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301")] // begins with a mark
    [InlineData("\u0F73", "\u0F71\u0F72", "\u0F71\u0F72", "\u0F71\u0F72", "\u0F71\u0F72")] // of class 0 and yet made of marks
    [InlineData("x\u0F74\u0F73", "x\u0F71\u0F72\u0F74", "x\u0F71\u0F72\u0F74", "x\u0F71\u0F72\u0F74", "x\u0F71\u0F72\u0F74")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307")]
    [InlineData("a\u0315\u0300\u05AE", "\u00E0\u05AE\u0315", "a\u05AE\u0300\u0315", "\u00E0\u05AE\u0315", "a\u05AE\u0300\u0315")]
    [InlineData("a\u0300\u0300", "\u00E0\u0300", "a\u0300\u0300", "\u00E0\u0300", "a\u0300\u0300")]
    [InlineData("a\u034F\u0301", "a\u034F\u0301", "a\u034F\u0301", "a\u034F\u0301", "a\u034F\u0301")] // the joiner of class 0 stands between
    [InlineData("\u0B47\u0B3E", "\u0B4B", "\u0B47\u0B3E", "\u0B4B", "\u0B47\u0B3E")] // both of class 0
    [InlineData("\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData("\uFB01", "\uFB01", "\uFB01", "fi", "fi")]
    [InlineData("\u3316", "\u3316", "\u3316", "キロメートル", "キロメートル")]
    [InlineData("\uFF76\uFF9E", "\uFF76\uFF9E", "\uFF76\uFF9E", "\u30AC", "\u30AB\u3099")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\uAC00\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\uAC00\u11A7", "\uAC00\u11A7", "\u1100\u1161\u11A7", "\uAC00\u11A7", "\u1100\u1161\u11A7")] // one before the first third part
    [InlineData("\uAC01\u11A8", "\uAC01\u11A8", "\u1100\u1161\u11A8\u11A8", "\uAC01\u11A8", "\u1100\u1161\u11A8\u11A8")]
    [InlineData("\u314F", "\u314F", "\u314F", "\u1161", "\u1161")]
    [InlineData("\u1100\u314F", "\u1100\u314F", "\u1100\u314F", "\uAC00", "\u1100\u1161")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\U00011935\U00011930", "\U00011938", "\U00011935\U00011930", "\U00011938", "\U00011935\U00011930")] // of Unicode 13
    public void The_four_forms_are_those_of_the_standard(string text, string c, string d, string kc, string kd)
    {
        Assert.Equal([c, d, kc, kd], All.Select(form => Normalized.By(form, text)));
        Assert.Equal([c, d, kc, kd], All.Select(form => NaiveNormalization.Normalize(text, form.Form)));
    }

    [Fact]
    public void The_fast_code_does_what_the_definitions_say() =>
        Law.Holds(
            UnicodeText.Strings,
            text => All.All(form => Normalized.By(form, text) == NaiveNormalization.Normalize(text, form.Form)),
            cases: 3_000);

    [Fact]
    public void Every_character_is_normalised_by_definition_alone_and_between_others()
    {
        foreach (int codePoint in UnicodeText.CodePoints.Where(codePoint => UnicodeTable.Instance[codePoint].Traits != 0))
        {
            string text = $"a{new Rune(codePoint)}\u0301\u1161";
            foreach (UnicodeNormalizer form in All)
                Assert.Equal(NaiveNormalization.Normalize(text, form.Form), Normalized.By(form, text));
        }
    }

    [IcuFact]
    public void Every_character_becomes_what_ICU_makes_of_it()
    {
        foreach (int[] some in UnicodeText.CodePoints.Where(IsKnownToBoth).Chunk(100))
        {
            string text = string.Concat(some.Select(codePoint => $"a{new Rune(codePoint)}\u0301"));
            foreach (UnicodeNormalizer form in All)
                Assert.Equal(Icu.Normalize(text, form.Form), Normalized.By(form, text));
        }
    }

    [IcuFact]
    public void Random_texts_become_what_ICU_makes_of_them()
    {
        var random = new Random(6);
        for (int i = 0; i < 30_000; i++)
        {
            string text = UnicodeText.Next(random, IsKnownToBoth);
            foreach (UnicodeNormalizer form in All)
                Assert.Equal(Icu.Normalize(text, form.Form), Normalized.By(form, text));
        }
    }

    [Fact]
    public void The_forms_obey_the_laws_of_the_standard() =>
        Law.Holds(UnicodeText.Strings, text =>
        {
            (string c, string d, string kc, string kd) = (Normalized.By(C, text), Normalized.By(D, text), Normalized.By(KC, text), Normalized.By(KD, text));
            return All.All(form => Normalized.By(form, Normalized.By(form, text)) == Normalized.By(form, text)) &&
                   Normalized.By(C, d) == c && Normalized.By(D, c) == d &&
                   Normalized.By(KC, d) == kc && Normalized.By(KD, c) == kd && Normalized.By(KC, kd) == kc && Normalized.By(KD, kc) == kd;
        });

    [Fact]
    public void A_text_can_be_cut_before_a_character_that_depends_on_nothing() =>
        Law.Holds(Gen.Zip(UnicodeText.Strings, UnicodeText.Strings), texts =>
            All.All(form => Normalized.By(form, texts.Item1 + "b" + texts.Item2) == Normalized.By(form, texts.Item1) + Normalized.By(form, "b" + texts.Item2)));

    [Fact]
    public void Bytes_that_are_not_UTF8_stay_and_keep_what_is_around_them_apart()
    {
        byte[] text = [(byte)'e', 0xFF, .. "\u0301\u0323"u8, 0xE2, 0x82, .. "e\u0301"u8, 0xC3];

        Assert.Equal([(byte)'e', 0xFF, .. "\u0323\u0301"u8, 0xE2, 0x82, .. "é"u8, 0xC3], Normalized.By(C, text));
        Law.Holds(RandomText.Bytes, bytes => All.All(form => Normalized.By(form, Normalized.By(form, bytes)).SequenceEqual(Normalized.By(form, bytes))));
    }

    [Fact]
    public void Each_character_knows_where_it_comes_from()
    {
        Assert.Equal("x←x é←e\u0301 y←y", Normalized.Places(C, "xe\u0301y"));
        Assert.Equal("x←x e←é \u0301←é y←y", Normalized.Places(D, "xéy"));
        Assert.Equal("f←ﬁ i←ﬁ l←l", Normalized.Places(KC, "ﬁl"));
        Assert.Equal("가←가 각←\u1100\u1161\u11A8", Normalized.Places(C, "가\u1100\u1161\u11A8"));
        // Marks that changed places stand for both; the letter between whose parts another mark stands, for all of them.
        Assert.Equal("q←q \u0323←\u0307\u0323 \u0307←\u0307\u0323", Normalized.Places(C, "q\u0307\u0323"));
        Assert.Equal("à←a\u05AE\u0300 \u05AE←\u05AE\u0300 b←b", Normalized.Places(C, "a\u05AE\u0300b"));
    }

    [Fact]
    public void Bytes_that_nothing_changed_come_each_from_its_own()
    {
        NormalizedText text = Normalized.WithPlaces(C, "aéb");

        Assert.Equal((1, 2), text.InputOf(1, 2));
        Assert.Equal((2, 4), text.InputOf(2, 4));
    }

    [Fact]
    public void Every_piece_comes_from_all_the_characters_it_is_made_of() =>
        Law.Holds(UnicodeText.Strings, text => All.All(form => PlacesAreRight(form, text)));

    [Fact]
    public void A_million_marks_take_no_longer_than_other_text()
    {
        // Sorting them by exchanging neighbours would take an hour.
        foreach (string unit in new[] { "\u0301\u0323", "\u0F74\u0F73", "\u1161", "\u05AE\u0300\u0315" })
        {
            byte[] text = Encoding.UTF8.GetBytes("a" + string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length)));
            foreach (UnicodeNormalizer form in All)
            {
                var watch = Stopwatch.StartNew();
                Normalized.By(form, text);
                Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
            }
        }
    }

    [Fact]
    public void Many_marks_are_sorted_as_few_are_and_keep_their_places()
    {
        var random = new Random(3);
        int[] marks = [.. Enumerable.Range(0x300, 0x45).Where(mark => NaiveNormalization.ClassOf(mark) != 0)];
        string text = "a" + string.Concat(Enumerable.Range(0, 200).Select(_ => (char)marks[random.Next(marks.Length)])) + "b";

        Assert.All(All, form => Assert.Equal(NaiveNormalization.Normalize(text, form.Form), Normalized.By(form, text)));
        Assert.All(All, form => Assert.True(PlacesAreRight(form, text)));
    }

    [Fact]
    public void Nothing_is_allocated_once_the_buffers_are_there()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("plain é e\u0301 q\u0307\u0323 가 \u1100\u1161 ﬁ \u212B ", 50)));
        var output = new NormalizedText();
        foreach (UnicodeNormalizer form in All)
        {
            long allocated = 0;
            for (int i = 0; i < 3; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                output.Begin(default, tracks: true);
                form.Normalize(text, output, atStart: true);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.Equal(0, allocated);
        }
    }

    [Fact]
    public void Each_form_has_its_name_in_a_file() =>
        Assert.Equal(["NFC", "NFD", "NFKC", "NFKD"], All.Select(form => Normalized.Json(form)[9..^2]));

    [Fact]
    public void There_is_no_fifth_form()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new UnicodeNormalizer((NormalizationForm)3));

        Assert.StartsWith("Use FormC, FormD, FormKC or FormKD.", error.Message);
    }

    private static bool IsKnownToBoth(int codePoint) => Icu.AgeOf(codePoint) is > 0 and <= UnicodeVersion;

    // Whatever piece is taken, what its characters fall apart into is in the input that it is said to come from; and later pieces do not begin or end earlier.
    private static bool PlacesAreRight(UnicodeNormalizer form, string text)
    {
        byte[] input = Encoding.UTF8.GetBytes(text);
        NormalizedText output = Normalized.WithPlaces(form, text);
        (int Start, int End) last = (0, 0);
        int at = 0;
        foreach (Rune character in Encoding.UTF8.GetString(output.Bytes).EnumerateRunes())
        {
            (int start, int end) = output.InputOf(at, at += character.Utf8SequenceLength);
            string source = Normalized.By(KD, Encoding.UTF8.GetString(input, start, end - start));
            string parts = Normalized.By(KD, character.ToString());
            if (start < last.Start || end < last.End || parts.EnumerateRunes().Any(part => !source.Contains(part.ToString(), StringComparison.Ordinal)))
                return false;

            last = (start, end);
        }

        return true;
    }
}
