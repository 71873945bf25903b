using System.Globalization;
using System.Text;

namespace Inkling.Text.Splitting;

/// <summary>
/// Gives regular expressions one UTF-16 unit for each character, as the engines that files are written for see a text: what lies beyond U+FFFF is shown as
/// the last character of the basic plane that has its category, and a byte that is not UTF-8 as the noncharacter U+FFFF.
/// </summary>
internal static class RegexAlphabet
{
    private static readonly char[] ByCategory = MakeByCategory();

    /// <summary>What stands for the character at a place, which is <paramref name="length"/> bytes long.</summary>
    public static char At(ReadOnlySpan<byte> text, int at, out int length)
    {
        if (!Utf8Text.TryCharacterAt(text, at, out Rune rune, out length))
            return '\uFFFF';

        return rune.IsBmp ? (char)rune.Value : ByCategory[(int)Rune.GetUnicodeCategory(rune)];
    }

    private static char[] MakeByCategory()
    {
        var characters = new char[(int)UnicodeCategory.OtherNotAssigned + 1];
        for (int value = 0x80; value <= 0xFFFF; value++)
            characters[(int)CharUnicodeInfo.GetUnicodeCategory((char)value)] = (char)value;

        return characters;
    }
}
