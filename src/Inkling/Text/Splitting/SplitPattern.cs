using System.Text.Json;

namespace Inkling.Text.Splitting;

/// <summary>
/// A pattern by which a known family of tokenizers splits text, scanned by hand: the pieces are the matches of <see cref="Regex"/>. .NET's regular
/// expressions would take longer than everything else together.
/// </summary>
internal abstract class SplitPattern(string name, string regex) : Splitter
{
    /// <summary>GPT-2 and those that took its files over.</summary>
    public static SplitPattern Gpt2 { get; } = new Gpt2Pattern();

    /// <summary>GPT-4 (cl100k), of which Llama 3 took the pattern over: digits by threes, line ends by themselves.</summary>
    public static SplitPattern Gpt4 { get; } = new Gpt4Pattern("gpt4", "{1,3}", maxDigits: 3);

    /// <summary>Llama 3; the same as GPT-4's.</summary>
    public static SplitPattern Llama3 { get; } = new Gpt4Pattern("llama3", "{1,3}", maxDigits: 3);

    /// <summary>Qwen 2 and later: as GPT-4, with every digit by itself.</summary>
    public static SplitPattern Qwen2 { get; } = new Gpt4Pattern("qwen2", "", maxDigits: 1);

    /// <summary>GPT-4o (o200k).</summary>
    public static SplitPattern Gpt4o { get; } = new Gpt4oPattern();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SplitPattern> All { get; } = [Gpt2, Gpt4, Gpt4o, Llama3, Qwen2];

    /// <summary>What it is called in options.</summary>
    public string Name { get; } = name;

    /// <summary>The regular expression, as files have it.</summary>
    public string Regex { get; } = regex;

    /// <summary>The pattern of a name.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message has those there are.</exception>
    public static SplitPattern ByName(string name) => All.FirstOrDefault(pattern => pattern.Name == name)
        ?? throw new ArgumentException($"There is no split pattern {name}; there are {string.Join(", ", All.Select(pattern => pattern.Name))}.", nameof(name));

    /// <summary>The pattern that is equal to a regular expression; null where none is known.</summary>
    public static SplitPattern? TryFind(string regex) => All.FirstOrDefault(pattern => pattern.Regex == regex);

    /// <inheritdoc/>
    // In every pattern a piece ends where white space follows something else, whatever stands around the two; but some take line ends after punctuation.
    public sealed override int FindCut(ReadOnlySpan<byte> text, int from)
    {
        for (int at = Math.Max(from, 1); at < text.Length; at++)
        {
            int next = text[at..].IndexOfAny((byte)' ', (byte)'\n', (byte)'\t');
            if (next < 0)
                break;

            at += next;
            CharacterClass before = CharacterClasses.Before(text, at);
            if (before is CharacterClass.Letter or CharacterClass.Number || (before == CharacterClass.Other && text[at] != '\n'))
                return at;
        }

        return text.Length;
    }

    /// <inheritdoc/>
    public sealed override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", Regex);
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
    }

    /// <summary>
    /// The end of a run of white space that begins at <paramref name="start"/>, as <c>\s+(?!\S)|\s+</c> matches it: where something follows the run, the
    /// last character of a longer one is left for what follows.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the run begins.</param>
    /// <param name="afterLineEnd">Where the last line end of the run ends; 0 where there is none.</param>
    protected static int EndOfWhiteSpace(ReadOnlySpan<byte> text, int start, out int afterLineEnd)
    {
        (int at, int last) = (start, start);
        afterLineEnd = 0;
        while (at < text.Length)
        {
            CharacterClass found = CharacterClasses.At(text, at, out int length);
            if (found is not (CharacterClass.Space or CharacterClass.LineEnd))
                return last > start ? last : at;

            last = at;
            at += length;
            if (found == CharacterClass.LineEnd)
                afterLineEnd = at;
        }

        return at;
    }

    /// <summary>The end of a number of which one digit was taken already.</summary>
    protected static int EndOfNumber(ReadOnlySpan<byte> text, int at, int maxDigits)
    {
        for (int count = 1; count < maxDigits && at < text.Length; count++)
        {
            if (CharacterClasses.At(text, at, out int length) != CharacterClass.Number)
                break;

            at += length;
        }

        return at;
    }

    /// <summary>The end of an English contraction in either case, <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>; 0 where there is none.</summary>
    protected static int EndOfContraction(ReadOnlySpan<byte> text, int at)
    {
        ReadOnlySpan<byte> rest = text[at..];
        if (rest is not [(byte)'\'', _, ..])
            return 0;

        int first = rest[1] | 0x20;
        if (first is 's' or 't' or 'm' or 'd')
            return at + 2;

        // U+017F, the long s, is an s in another case.
        if (rest is [_, 0xC5, 0xBF, ..])
            return at + 3;

        int second = rest.Length > 2 ? rest[2] | 0x20 : 0;
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? at + 3 : 0;
    }
}
