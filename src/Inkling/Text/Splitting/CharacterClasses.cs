using System.Buffers;
using System.Globalization;
using System.Text;

namespace Inkling.Text.Splitting;

/// <summary>Finds the class of the character at a place of a UTF-8 text.</summary>
internal static class CharacterClasses
{
    // One byte for each character of the basic plane; the others are rare enough to ask for.
    private static readonly CharacterClass[] Basic = [.. Enumerable.Range(0, 0x10000).Select(Find)];

    /// <summary>The class of the character that begins at <paramref name="at"/>, and its length in bytes.</summary>
    public static CharacterClass At(ReadOnlySpan<byte> text, int at, out int length)
    {
        length = 1;
        uint first = text[at];
        if (first < 0x80)
            return Basic[first];

        // The common lengths by hand; what is not valid falls through to the decoder.
        if (first is >= 0xC2 and < 0xE0)
        {
            if (at + 1 < text.Length && (text[at + 1] & 0xC0) == 0x80)
            {
                length = 2;
                return Basic[((first & 0x1F) << 6) | (text[at + 1] & 0x3Fu)];
            }
        }
        else if (first is > 0xE0 and < 0xF0 and not 0xED)
        {
            if (at + 2 < text.Length && (text[at + 1] & 0xC0) == 0x80 && (text[at + 2] & 0xC0) == 0x80)
            {
                length = 3;
                return Basic[((first & 0xF) << 12) | ((text[at + 1] & 0x3Fu) << 6) | (text[at + 2] & 0x3Fu)];
            }
        }

        if (Rune.DecodeFromUtf8(text[at..], out Rune rune, out int valid) != OperationStatus.Done)
            return CharacterClass.Other;

        length = valid;
        return Find(rune.Value);
    }

    /// <summary>The class of the character that ends before <paramref name="at"/>.</summary>
    public static CharacterClass Before(ReadOnlySpan<byte> text, int at)
    {
        if (at == 0)
            return CharacterClass.Other;

        if (text[at - 1] < 0x80)
            return Basic[text[at - 1]];

        return Rune.DecodeLastFromUtf8(text[..at], out Rune rune, out _) == OperationStatus.Done ? Find(rune.Value) : CharacterClass.Other;
    }

    /// <summary>The end of the run of one class that begins at <paramref name="at"/>.</summary>
    public static int EndOfRun(ReadOnlySpan<byte> text, int at, CharacterClass wanted)
    {
        CharacterClass[] basic = Basic;
        while (at < text.Length)
        {
            uint value = text[at];
            if (value < 0x80)
            {
                if (basic[value] != wanted)
                    break;

                at++;
            }
            else
            {
                if (At(text, at, out int length) != wanted)
                    break;

                at += length;
            }
        }

        return at;
    }

    private static CharacterClass Find(int codePoint) => codePoint switch
    {
        '\r' or '\n' => CharacterClass.LineEnd,
        '\t' or '\v' or '\f' or 0x85 => CharacterClass.Space,
        _ => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterClass.Space,
            _ => CharacterClass.Other,
        },
    };
}
