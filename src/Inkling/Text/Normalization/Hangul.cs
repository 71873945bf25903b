namespace Inkling.Text.Normalization;

/// <summary>Korean syllables, which Unicode composes of a consonant, a vowel and perhaps another consonant by arithmetic (chapter 3.12 of the standard).</summary>
internal static class Hangul
{
    public const int FirstSyllable = 0xAC00;
    public const int FirstLeading = 0x1100;
    public const int FirstVowel = 0x1161;
    public const int FirstTrailing = 0x11A8;
    public const int LeadingCount = 19;
    public const int VowelCount = 21;
    public const int TrailingCount = 27;

    private const int SyllableCount = LeadingCount * VowelCount * (TrailingCount + 1);

    /// <summary>Whether the character is a syllable.</summary>
    public static bool IsSyllable(int codePoint) => (uint)(codePoint - FirstSyllable) < SyllableCount;

    /// <summary>Takes a syllable apart.</summary>
    /// <returns>Its parts; the last is 0 where there are two.</returns>
    public static (int Leading, int Vowel, int Trailing) Decompose(int syllable)
    {
        (int rest, int trailing) = int.DivRem(syllable - FirstSyllable, TrailingCount + 1);
        (int leading, int vowel) = int.DivRem(rest, VowelCount);
        return (FirstLeading + leading, FirstVowel + vowel, trailing == 0 ? 0 : FirstTrailing + trailing - 1);
    }

    /// <summary>Joins two parts; 0 where they do not join.</summary>
    public static int Compose(int first, int second)
    {
        int leading = first - FirstLeading, vowel = second - FirstVowel;
        if ((uint)leading < LeadingCount && (uint)vowel < VowelCount)
            return FirstSyllable + (((leading * VowelCount) + vowel) * (TrailingCount + 1));

        int trailing = second - FirstTrailing;
        bool lacksTrailing = IsSyllable(first) && (first - FirstSyllable) % (TrailingCount + 1) == 0;
        return lacksTrailing && (uint)trailing < TrailingCount ? first + trailing + 1 : 0;
    }
}
