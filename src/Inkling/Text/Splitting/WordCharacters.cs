using System.Globalization;
using System.Text;

namespace Inkling.Text.Splitting;

/// <summary>Tells what words are made of from what separates them, as Hugging Face's splitters do.</summary>
internal static class WordCharacters
{
    // A noncharacter: of no class, like a byte that is not UTF-8.
    private static readonly Rune Invalid = new(0xFFFF);

    /// <summary>The character at a place; of a byte that is not UTF-8 one of no class.</summary>
    public static Rune At(ReadOnlySpan<byte> text, int at, out int length) =>
        Utf8Text.TryCharacterAt(text, at, out Rune rune, out length) ? rune : Invalid;

    /// <summary>Punctuation of Unicode, and the symbols of ASCII such as <c>$</c>.</summary>
    public static bool IsPunctuation(Rune rune) => rune.IsAscii ? !Rune.IsLetterOrDigit(rune) && rune.Value is > ' ' and < 0x7F : Rune.IsPunctuation(rune);

    /// <summary>What <c>\w</c> matches in Unicode's regular expressions: letters and what behaves like one, marks, digits, connectors.</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber => true, // letters, marks, decimal digits, letter numbers
        UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189), // joiners; circled and squared letters
    };
}
