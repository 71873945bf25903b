using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Inkling.Text.Splitting;

namespace Inkling.Text.Learning;

/// <summary>
/// Splits a text into parts that no piece of a unigram vocabulary goes beyond: characters of one kind, with the one space before them. Bytes that are not
/// UTF-8, and ▁, belong to no part.
/// </summary>
/// <remarks>
/// Long runs are cut at fixed distances from their beginnings, so that one character a million times gives few different parts: for statistics it makes no
/// difference, and no time or memory depends on how long a run is.
/// </remarks>
/// <param name="maximumLength">Characters of the longest part, without the space before them.</param>
/// <param name="linesAreTexts">Whether a line end takes the place of the space before the first part of a line, and belongs to no part elsewhere.</param>
internal sealed class SpacedWordSplitter(int maximumLength, bool linesAreTexts = false) : Splitter
{
    private const int MarkOfSpaces = 0x2581;

    private static readonly CharacterKind[] AsciiKinds = [.. Enumerable.Range(0, 128).Select(value => KindOf(new Rune(value)))];

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<byte> text, ref int start)
    {
        while (start < text.Length)
        {
            CharacterKind first = KindAt(text, start, out int length);
            if (text[start] == ' ' || (linesAreTexts && first == CharacterKind.LineEnd))
            {
                if (!IsSpaceOrEnd(text, start + 1))
                    return EndOfRun(text, start + 1);

                if (text[start] == ' ')
                    return start + 1;
            }
            else if (first != CharacterKind.None)
            {
                return EndOfRun(text, start);
            }

            start += length;
        }

        return text.Length;
    }

    /// <inheritdoc/>
    public override int FindCut(ReadOnlySpan<byte> text, int from)
    {
        for (int at = Math.Max(from, 1); at < text.Length; at++)
        {
            int next = text[at..].IndexOfAny((byte)' ', (byte)'\n', (byte)'\r');
            if (next < 0)
                break;

            at += next;
            if (text[at] == ' ' || !IsLineEnd(text[at - 1]))
                return at;
        }

        return text.Length;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: it serves to learn pieces, and no tokenizer has it as a stage.</exception>
    public override void Write(Utf8JsonWriter writer) => throw new NotSupportedException("What splits a text for learning is no stage of a tokenizer.");

    // Where the characters of one kind that begin here end; here, if the first is of none.
    private int EndOfRun(ReadOnlySpan<byte> text, int at)
    {
        CharacterKind kind = KindAt(text, at, out int length);
        for (int count = 0; kind != CharacterKind.None && count < maximumLength; count++)
        {
            at += length;
            if (at == text.Length || text[at] == ' ' || KindAt(text, at, out length) != kind)
                break;
        }

        return at;
    }

    private static CharacterKind KindAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        length = 1;
        if (text[at] < 0x80)
            return AsciiKinds[text[at]];

        return Rune.DecodeFromUtf8(text[at..], out Rune character, out length) == OperationStatus.Done ? KindOf(character) : CharacterKind.None;
    }

    private static CharacterKind KindOf(Rune character) => character.Value switch
    {
        '\n' or '\r' => CharacterKind.LineEnd,
        MarkOfSpaces => CharacterKind.None,
        _ => Rune.GetUnicodeCategory(character) switch
        {
            <= UnicodeCategory.EnclosingMark => CharacterKind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterKind.Number,
            _ => CharacterKind.Other,
        },
    };

    private static bool IsSpaceOrEnd(ReadOnlySpan<byte> text, int at) => at == text.Length || text[at] == ' ' || IsLineEnd(text[at]);

    private static bool IsLineEnd(byte value) => value is (byte)'\n' or (byte)'\r';
}
