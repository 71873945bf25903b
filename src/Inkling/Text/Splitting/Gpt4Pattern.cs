namespace Inkling.Text.Splitting;

/// <summary>
/// The pattern of GPT-4 and its kin: contractions in either case, letters with any one character before them, a few digits, other characters with the space
/// before and the line ends after them, white space up to its last line end, and other white space.
/// </summary>
internal sealed class Gpt4Pattern(string name, string digits, int maxDigits) : SplitPattern(
    name,
    @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + digits + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
{
    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        int at = start;
        if (EndOfContraction(text, at) is > 0 and var contraction)
            return contraction;

        CharacterClass found = CharacterClasses.At(text, at, out int length);
        int after = at + length;
        switch (found)
        {
            case CharacterClass.Letter:
                return CharacterClasses.EndOfRun(text, after, CharacterClass.Letter);
            case CharacterClass.Number:
                return EndOfNumber(text, after, maxDigits);
        }

        CharacterClass following = after < text.Length ? CharacterClasses.At(text, after, out length) : CharacterClass.Space;
        if (following == CharacterClass.Letter && found != CharacterClass.LineEnd)
            return CharacterClasses.EndOfRun(text, after + length, CharacterClass.Letter);

        if (found == CharacterClass.Other || (text[at] == ' ' && after < text.Length && following == CharacterClass.Other))
            return CharacterClasses.EndOfRun(text, CharacterClasses.EndOfRun(text, after, CharacterClass.Other), CharacterClass.LineEnd);

        int end = EndOfWhiteSpace(text, at, out int afterLineEnd);
        return afterLineEnd > 0 ? afterLineEnd : end;
    }
}
