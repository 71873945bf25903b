using System.Globalization;
using System.Text;

namespace Inkling.Text.Splitting;

/// <summary>
/// The pattern of GPT-4o (o200k): as GPT-4's, but a word ends where its small letters do, and takes a contraction with it. Letters without case and marks
/// go with either.
/// </summary>
internal sealed class Gpt4oPattern() : SplitPattern(
    "gpt4o",
    @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
{
    private enum Case
    {
        None, // no letter
        Upper,
        Lower,
        Either,
    }

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        int at = start;
        CharacterClass found = CharacterClasses.At(text, at, out int length);
        if (found == CharacterClass.Number)
            return EndOfNumber(text, at + length, maxDigits: 3);

        if (found != CharacterClass.LineEnd && EndOfWord(text, at, found == CharacterClass.Letter ? at : at + length) is > 0 and var word)
            return EndOfContraction(text, word) is > 0 and var contraction ? contraction : word;

        int after = at + length;
        bool isSpaceBeforeOther = text[at] == ' ' && after < text.Length && CharacterClasses.At(text, after, out _) == CharacterClass.Other;
        if (found == CharacterClass.Other || isSpaceBeforeOther)
        {
            at = CharacterClasses.EndOfRun(text, after, CharacterClass.Other);
            while (at < text.Length && text[at] is (byte)'\r' or (byte)'\n' or (byte)'/')
                at++;

            return at;
        }

        int end = EndOfWhiteSpace(text, at, out int afterLineEnd);
        return afterLineEnd > 0 ? afterLineEnd : end;
    }

    /// <summary>The end of a word whose letters begin at <paramref name="letters"/>, after the one character that it may begin with; 0 where there is none.</summary>
    private static int EndOfWord(ReadOnlySpan<byte> text, int start, int letters)
    {
        // Capitals, and what has no case, as far as they go.
        (int at, int afterEither, int length) = (letters, 0, 0);
        Case found = Case.None;
        for (; at < text.Length && (found = CaseAt(text, at, out length)) is Case.Upper or Case.Either; at += length)
        {
            if (found == Case.Either)
                afterEither = at + length;
        }

        // Small letters, and what has no case, after them.
        if (at < text.Length && found == Case.Lower)
        {
            while (at < text.Length && CaseAt(text, at, out length) is Case.Lower or Case.Either)
                at += length;

            return at;
        }

        // Without a small letter the last without case serves as one, also the character before the letters if it is a mark.
        if (afterEither > 0)
            return afterEither;

        if (letters > start && CaseAt(text, start, out length) == Case.Either)
            return start + length;

        return at > letters ? at : 0;
    }

    private static Case CaseAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        uint first = text[at];
        length = 1;
        if (first < 0x80)
            return first - 'a' < 26 ? Case.Lower : first - 'A' < 26 ? Case.Upper : Case.None;

        return !Utf8Text.TryCharacterAt(text, at, out Rune character, out length) ? Case.None : Rune.GetUnicodeCategory(character) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Case.Upper,
            UnicodeCategory.LowercaseLetter => Case.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Case.Either,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Case.Either,
            _ => Case.None,
        };
    }
}
