using System.Text;

namespace Inkling.Text.Normalization;

/// <summary>Small letters of single characters: Unicode's full mapping without its rules about neighbours and languages.</summary>
internal static class SmallLetters
{
    /// <summary>As many bytes as one character's small letters take at most.</summary>
    public const int MaxByteCount = 4;

    // The one character with two small letters: i and a dot above.
    private const int CapitalIWithDot = 0x130;

    /// <summary>Writes a character's small letter or letters, or the character itself where it has none.</summary>
    /// <returns>The number of bytes.</returns>
    public static int Write(Rune character, in UnicodeProperties properties, Span<byte> utf8)
    {
        if (character.Value != CapitalIWithDot)
            return new Rune(character.Value + properties.ToSmall).EncodeToUtf8(utf8);

        "i\u0307"u8.CopyTo(utf8);
        return 3;
    }
}
