using System.Text;

namespace Inkling.Tests.Text.SentencePiece;

/// <summary>Lines that tokenizers disagree on, as bytes without line feeds: the same ones in every run.</summary>
internal static class TroublesomeLines
{
    private static readonly string[] Parts =
    [
        "a", "A", "the", "der", "man", "Mann", "ing", "ß", "Straße", " ", " ", " ", "  ", "   ", "\t", "\r", "\u00A0", "\u3000", "\u2003", "\u2028", "\u0085",
        "\u2581", "\u2581\u2581", " \u2581", "▁the", "e\u0301", "a\u0308\u0323", "q\u0323\u0307", "\u0301", "\u0301\u0301\u0301", "\u200B", "\u200D", "\u200C", "\uFEFF", "\u00AD",
        "ＡＢＣ", "１２３", "ｶﾞ", "ｱﾞ", "ﬁ", "ﬃ", "ﷺ", "㍿", "①", "²", "½", "™", "Å", "\u212B", "A\u030A", "ſ", "ẛ\u0323", "İ", "ı", "ΐ", "Ω", "ς",
        "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F44D\U0001F3FD", "\U0001F1E9\U0001F1EA", "☃", "\u2764\uFE0F",
        "中文", "日本語", "한국어", "\u1112\u1161\u11AB", "\u1112\u1161", "\u11AB", "ไทย", "हिन्दी", "العربية", "עברית", "ру́сский", "…", "„“", "--", "...", "!!!", "42", "3.14",
        "\u0000", "\u0001", "\u001F", "\u007F", "\u0080", "\u009F", "\uFFFD", "\uFFFE", "\uFFFF", "\uE000", "\U0010FFFF", "\U0001D54F", "\U000E0041",
        "<s>", "</s>", "<unk>", "<0x41>", "<0xE2>", "<sep>", "<sep", "sep>", "[MASK]", "[MASK", "<ctl>", "xyzzy", "xyzz", "zyxyzzyxy", "New York", "New  York", " ⁇ ", "⁇",
    ];

    private static readonly byte[][] BadParts = [[0xFF], [0xC0, 0x80], [0xE2, 0x96], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xC3], [0xF0, 0x9F, 0x98], [0xE2]];

    /// <summary>Makes the lines.</summary>
    /// <param name="count">How many there are.</param>
    public static IEnumerable<byte[]> Make(int count)
    {
        var random = new Random(6);
        yield return [];
        yield return Encoding.UTF8.GetBytes(new string(' ', 40));
        yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ein Mann mit Hut ", 3_000)));
        yield return Encoding.UTF8.GetBytes(new string('a', 20_000));
        yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("\u0301", 5_000)));
        for (int i = 5; i < count; i++)
            yield return MakeLine(random, kind: i % 5);
    }

    private static byte[] MakeLine(Random random, int kind)
    {
        using var line = new MemoryStream();
        for (int count = random.Next(1, 25); count > 0; count--)
        {
            line.Write(kind switch
            {
                0 => AnyCharacter(random),
                1 when random.Next(4) == 0 => BadParts[random.Next(BadParts.Length)],
                2 when random.Next(2) == 0 => AnyCharacter(random),
                _ => Encoding.UTF8.GetBytes(Parts[random.Next(Parts.Length)]),
            });
        }

        return line.ToArray();
    }

    private static byte[] AnyCharacter(Random random)
    {
        while (true)
        {
            int codePoint = random.Next(random.Next(4) switch { 0 => 0x250, 1 => 0x3000, 2 => 0x10000, _ => 0x110000 });
            if (codePoint != '\n' && Rune.IsValid(codePoint))
                return Encoding.UTF8.GetBytes(new Rune(codePoint).ToString());
        }
    }
}
