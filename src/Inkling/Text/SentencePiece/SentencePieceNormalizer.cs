using System.Text;
using System.Text.Json;
using Inkling.Text.Normalization;
using Inkling.Text.Subwords;

namespace Inkling.Text.SentencePiece;

/// <summary>
/// Changes a text as SentencePiece does: replaces characters, tidies spaces and writes them as ▁. A byte that is not UTF-8 becomes U+FFFD. What stands
/// between special tokens is a text of its own.
/// </summary>
internal sealed class SentencePieceNormalizer : Normalizer
{
    private static readonly byte[] Replacement = [0xEF, 0xBF, 0xBD]; // U+FFFD

    private readonly byte[] _space;
    private readonly ByteTrie? _userDefined;

    // The first bytes of what is replaced or kept as a whole.
    private readonly bool[] _startsMatch = new bool[256];

    /// <summary>Prepares the rules.</summary>
    public SentencePieceNormalizer(SentencePieceRules rules)
    {
        Rules = rules;
        _space = rules.EscapesSpaces ? [0xE2, 0x96, 0x81] : [(byte)' '];
        (byte[] Key, int)[] keys = [.. rules.UserDefined.Select(text => (Encoding.UTF8.GetBytes(text), 0))];
        if (keys.Length > 0)
            _userDefined = new ByteTrie(keys);

        for (int value = 0; value < 256; value++)
            _startsMatch[value] = rules.Map is { } map && map.MayStartWith((byte)value);

        foreach ((byte[] key, _) in keys)
            _startsMatch[key[0]] = true;
    }

    /// <summary>The rules.</summary>
    public SentencePieceRules Rules { get; }

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        int at = Rules.RemovesExtraSpaces ? SkipSpaces(input) : 0;
        if (at == input.Length)
            return;

        if (Rules.AddsDummyPrefix && !Rules.TreatsSpaceAsSuffix)
            output.Append(_space, at, at);

        bool isAfterSpace = Rules.RemovesExtraSpaces;
        while (at < input.Length)
        {
            int end = EndOfPlain(input, at);
            if (end > at)
            {
                output.Copy(input[at..end], at);
                (at, isAfterSpace) = (end, false);
                continue;
            }

            ReadOnlySpan<byte> text = First(input, at, out int length);
            if (isAfterSpace)
                text = text.TrimStart((byte)' ');

            Append(text, at, at + length, output);
            if (!text.IsEmpty)
                isAfterSpace = Rules.RemovesExtraSpaces && text[^1] == ' ';

            at += length;
        }

        while (Rules.RemovesExtraSpaces && output.Bytes.EndsWith(_space))
            output.RemoveLast(_space.Length);

        if (Rules.AddsDummyPrefix && Rules.TreatsSpaceAsSuffix)
            output.Append(_space, input.Length, input.Length);
    }

    /// <inheritdoc/>
    // A file has other components for it: see SentencePieceJson.
    public override void Write(Utf8JsonWriter writer) => throw new NotSupportedException();

    private int SkipSpaces(ReadOnlySpan<byte> input)
    {
        int at = 0;
        while (at < input.Length && First(input, at, out int length) is [(byte)' '])
            at += length;

        return at;
    }

    // The end of characters that stay as they are.
    private int EndOfPlain(ReadOnlySpan<byte> input, int at)
    {
        for (int length; at < input.Length; at += length)
        {
            byte first = input[at];
            if (first == ' ' || _startsMatch[first])
                break;

            length = PieceVocabulary.CharacterLength(input, at);
            if (length == 1 && first >= 0x80)
                break;
        }

        return at;
    }

    // What the beginning of the text becomes before spaces are looked at.
    private ReadOnlySpan<byte> First(ReadOnlySpan<byte> input, int at, out int length)
    {
        if (_startsMatch[input[at]])
        {
            if (_userDefined is not null && _userDefined.LongestMatch(input[at..], out length) != ByteTrie.None)
                return input.Slice(at, length);

            if (Rules.Map is { } map && map.Match(input[at..], out length) is var replacement && length > 0)
                return replacement;
        }

        length = PieceVocabulary.CharacterLength(input, at);
        return length == 1 && input[at] >= 0x80 ? Replacement : input.Slice(at, length);
    }

    private void Append(ReadOnlySpan<byte> text, int start, int end, NormalizedText output)
    {
        while (!text.IsEmpty)
        {
            int space = text.IndexOf((byte)' ');
            int length = space < 0 ? text.Length : space;
            output.Append(text[..length], start, end);
            if (space >= 0)
                output.Append(_space, start, end);

            text = text[Math.Min(text.Length, length + 1)..];
        }
    }
}
