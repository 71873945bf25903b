using System.Text;
using System.Text.Json;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

public sealed class CharsMapTests
{
    private static readonly byte[] Table = CharsMapWriter.Write(
        ("ﬁ", "fi"), ("A", "a"), ("A\u030A", "å"), ("A\u030Ax", "!"), ("\u0001", ""), ("\u00A0", " "), ("\u3000", " "), ("ab", "ba"));

    [Fact]
    public void The_longest_match_counts()
    {
        CharsMap map = Read(Table);

        Assert.Equal(("a", 1), Match(map, "A"));
        Assert.Equal(("å", 3), Match(map, "A\u030A"));
        Assert.Equal(("å", 3), Match(map, "A\u030Ay"));
        Assert.Equal(("!", 4), Match(map, "A\u030Axy"));
        Assert.Equal(("", 1), Match(map, "\u0001"));
        Assert.Equal(("", 0), Match(map, "a"));
        Assert.Equal(("ba", 2), Match(map, "abc"));
        Assert.Equal(("", 0), Match(map, "\0"));
        Assert.Equal(("", 0), Match(map, "\uFB02"));
    }

    [Fact]
    public void The_normaliser_replaces_what_matches_and_knows_where_it_comes_from()
    {
        var text = new NormalizedText();
        text.Begin(new TextOrigin(null, 100), tracks: true);
        byte[] input = [.. "xﬁé\u0001A\u030A"u8, 0xFF, .. "ab"u8];
        new PrecompiledNormalizer(Read(Table)).Normalize(input, text, atStart: true);

        byte[] expected = [.. "xfiéå"u8, 0xFF, .. "ba"u8];
        Assert.Equal(expected, text.Bytes);
        var origin = new TextOrigin(text, 0);
        Assert.Equal((100, 101), origin.Map(0, 1));
        Assert.Equal((101, 104), origin.Map(1, 2)); // half of the ligature is all of it
        Assert.Equal((104, 106), origin.Map(3, 5));
        Assert.Equal((107, 110), origin.Map(5, 7)); // what was removed belongs to nobody
        Assert.Equal((110, 113), origin.Map(7, 10));
    }

    [Fact]
    public void It_is_written_as_it_was_read()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            new PrecompiledNormalizer(Read(Table)).Write(writer);

        JsonElement root = JsonElement.Parse(stream.ToArray());
        Assert.Equal("Precompiled", root.GetProperty("type").GetString());
        Assert.Equal(Table, root.GetProperty("precompiled_charsmap").GetBytesFromBase64());
    }

    [Theory]
    [InlineData("", 0, "a table of replacements has 0 bytes, fewer than the 4 of its first number")]
    [InlineData("000000", 0, "a table of replacements has 3 bytes, fewer than the 4 of its first number")]
    [InlineData("00000000", 0, "the trie of the replacements claims 0 bytes; it needs a positive multiple of 4, and 0 are left")]
    [InlineData("0300000000000000", 0, "the trie of the replacements claims 3 bytes; it needs a positive multiple of 4, and 4 are left")]
    [InlineData("0800000000000000", 0, "the trie of the replacements claims 8 bytes; it needs a positive multiple of 4, and 4 are left")]
    [InlineData("FCFFFFFF00000000", 0, "the trie of the replacements claims 4294967292 bytes; it needs a positive multiple of 4, and 4 are left")]
    [InlineData("040000000000000061", 8, "the last replacement is not ended by a zero byte")]
    [InlineData("0400000000010000", 4, "unit 0 of the trie of the replacements has its value at 0, which is no leaf among the 1 units")]
    [InlineData("0400000000FDFF7F", 4, "unit 0 of the trie of the replacements has its value at 2097151, which is no leaf among the 1 units")]
    [InlineData("08000000000500000100008000", 4, "unit 0 of the trie of the replacements points at byte 1 of 1")]
    public void A_damaged_table_is_refused(string hex, int at, string problem)
    {
        Assert.Null(CharsMap.TryRead(System.Convert.FromHexString(hex), out string actual, out int place));
        Assert.Equal((at, problem), (place, actual));
    }

    [Fact]
    public void A_replacement_without_end_is_refused()
    {
        byte[] bytes = [.. Table, .. Enumerable.Repeat((byte)'a', 1025), 0];

        Assert.Null(CharsMap.TryRead(bytes, out string problem, out int at));
        Assert.Equal((Table.Length, "a replacement has 1025 bytes; 1024 are the most"), (at, problem));
    }

    [Fact]
    public void A_table_that_leads_round_in_circles_ends_a_match_after_a_while()
    {
        // The unit of 'a' points at itself: root -> 'a' -> 'a' -> ..., each with a value.
        var units = new uint[256];
        units[0] = 1 << 10; // children at 1 ^ label
        int a = 1 ^ 'a';
        units[a] = 'a' | (1u << 8) | (uint)(a ^ 1) << 10; // back to place 1, whose leaf is unit 1
        units[1] = 1u << 31;
        byte[] bytes = [.. BitConverter.GetBytes(1024), .. units.SelectMany(BitConverter.GetBytes), (byte)'b', 0];
        byte[] text = Encoding.ASCII.GetBytes(new string('a', 100_000));

        Read(bytes).Match(text, out int length);
        Assert.Equal(CharsMap.MaxLength, length);
    }

    [Fact]
    public void A_damaged_table_is_refused_or_can_be_used()
    {
        var random = new Random(3);
        var text = new NormalizedText();
        byte[] input = Encoding.UTF8.GetBytes("AbA\u030Axﬁ \u00A0\u0001abab\0\u3000" + new string('A', 50));
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = [.. Table];
            for (int count = random.Next(1, 6); count > 0; count--)
                damaged[random.Next(4) == 0 ? random.Next(damaged.Length) : random.Next(1_200)] = (byte)random.Next(256);

            if (CharsMap.TryRead(damaged, out _, out _) is { } map)
            {
                text.Begin(default, tracks: true);
                new PrecompiledNormalizer(map).Normalize(input, text, atStart: true);
            }
        }
    }

    private static CharsMap Read(byte[] bytes) => CharsMap.TryRead(bytes, out string problem, out _) ?? throw new InvalidOperationException(problem);

    private static (string, int) Match(CharsMap map, string text)
    {
        string found = Encoding.UTF8.GetString(map.Match(Encoding.UTF8.GetBytes(text), out int length));
        return (found, length);
    }
}
