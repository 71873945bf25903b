using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

/// <summary>Texts that are hard to normalise: letters with accents, marks in any order, Korean, characters that fall apart.</summary>
internal static class UnicodeText
{
    private static readonly int[] Marks = Where(properties => properties.Class != 0);
    private static readonly int[] Changing = Where(properties => (properties.Traits & ~(UnicodeTraits.Mark | UnicodeTraits.NonspacingMark)) != 0);

    /// <summary>Every code point that is a character.</summary>
    public static IEnumerable<int> CodePoints => Enumerable.Range(0, 0x110000).Where(Rune.IsValid);

    /// <summary>Such texts, of 1 to some tens of characters.</summary>
    public static Gen<string> Strings { get; } =
        Gen.Frequency(
                (2, Gen.Elements("aeiouAEIOUsdqx ".Select(letter => (int)letter))),
                (2, Gen.Elements(Marks)),
                (2, Gen.Choose(0x300, 0x345)),
                (3, Gen.Elements(Changing)),
                (1, Gen.Choose(0x1100, 0x11FF)),
                (1, Gen.Choose(0xAC00, 0xD7A3)),
                (1, Gen.Choose(0, 0x10FFFF).Where(Rune.IsValid)))
            .Select(codePoint => new Rune(codePoint).ToString())
            .NonEmptyListOf()
            .Select(characters => string.Concat(characters));

    /// <summary>The same from a random number generator, where FsCheck would take too long.</summary>
    public static string Next(Random random, Func<int, bool> accepts)
    {
        var text = new StringBuilder();
        for (int count = random.Next(1, random.Next(8) == 0 ? 100 : 12); count > 0;)
        {
            int codePoint = random.Next(8) switch
            {
                0 => random.Next(32, 127),
                1 => Changing[random.Next(Changing.Length)],
                2 => random.Next(0xAC00, 0xD7A4),
                3 or 4 => Marks[random.Next(Marks.Length)],
                5 => random.Next(0x300, 0x346),
                6 => random.Next(0x1100, 0x1200),
                _ => random.Next(0x10FFFF),
            };
            if (!Rune.IsValid(codePoint) || !accepts(codePoint))
                continue;

            text.Append(new Rune(codePoint));
            count--;
        }

        return text.ToString();
    }

    private static int[] Where(Func<UnicodeProperties, bool> condition) => [.. CodePoints.Where(codePoint => condition(UnicodeTable.Instance[codePoint]))];
}
