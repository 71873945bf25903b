namespace Inkling.Text.Splitting;

/// <summary>
/// GPT-2's pattern: English contractions, letters, numbers or other characters, each with the space before them, and white space.
/// Radford et al., <i>Language Models are Unsupervised Multitask Learners</i>, 2019.
/// </summary>
internal sealed class Gpt2Pattern() : SplitPattern("gpt2", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
{
    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        int at = start;
        if (text[at] == '\'' && EndOfSmallContraction(text, at) is > 0 and var contraction)
            return contraction;

        // The space before a run belongs to it.
        if (text[at] == ' ' && at + 1 < text.Length)
            at++;

        CharacterClass found = CharacterClasses.At(text, at, out int length);
        return found is CharacterClass.Space or CharacterClass.LineEnd
            ? EndOfWhiteSpace(text, start, out _)
            : CharacterClasses.EndOfRun(text, at + length, found);
    }

    private static int EndOfSmallContraction(ReadOnlySpan<byte> text, int at)
    {
        byte first = at + 1 < text.Length ? text[at + 1] : (byte)0;
        if (first is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d')
            return at + 2;

        byte second = at + 2 < text.Length ? text[at + 2] : (byte)0;
        return (first, second) is ((byte)'r', (byte)'e') or ((byte)'v', (byte)'e') or ((byte)'l', (byte)'l') ? at + 3 : 0;
    }
}
