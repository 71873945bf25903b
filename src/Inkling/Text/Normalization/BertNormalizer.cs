using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>
/// What BERT does before it splits: clean, set Chinese characters apart, strip accents, lower-case. Each can be left out. One pass does what Hugging
/// Face's <c>BertNormalizer</c> does in four.
/// </summary>
internal sealed class BertNormalizer : Normalizer
{
    private readonly UnicodeTable _table = UnicodeTable.Instance;

    /// <summary>Remove control characters, and make a space of all white space.</summary>
    public bool CleansText { get; init; } = true;

    /// <summary>Put spaces around each Chinese character.</summary>
    public bool SeparatesChinese { get; init; } = true;

    /// <summary>Decompose letters and remove their accents; null to do so where <see cref="Lowercases"/>.</summary>
    public bool? StripsAccents { get; init; }

    /// <summary>Turn letters into small ones.</summary>
    public bool Lowercases { get; init; } = true;

    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        bool strips = StripsAccents ?? Lowercases;
        var run = new CharacterRun(_table, compatible: false, output.Tracks, stackalloc int[3 * CharacterRun.UsualLength]);
        int at = 0;
        while (at < input.Length)
        {
            int plain = CountPlain(input[at..]);
            if (plain > 0)
            {
                Flush(ref run, output);
                CopyPlain(input.Slice(at, plain), at, output);
                at += plain;
                continue;
            }

            int start = at;
            bool isValid = Rune.DecodeFromUtf8(input[start..], out Rune character, out int length) == OperationStatus.Done;
            at += length;
            if (isValid)
            {
                Add(character, start, at, strips, ref run, output);
            }
            else
            {
                Flush(ref run, output);
                output.Copy(input[start..at], start);
            }
        }

        Flush(ref run, output);
        run.Dispose();
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", CleansText);
        writer.WriteBoolean("handle_chinese_chars", SeparatesChinese);
        if (StripsAccents is { } strips)
            writer.WriteBoolean("strip_accents", strips);
        else
            writer.WriteNull("strip_accents");

        writer.WriteBoolean("lowercase", Lowercases);
        writer.WriteEndObject();
    }

    // Visible ASCII and spaces, which only lower-casing changes.
    private static int CountPlain(ReadOnlySpan<byte> text)
    {
        int count = text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        return count < 0 ? text.Length : count;
    }

    private void CopyPlain(ReadOnlySpan<byte> text, int start, NormalizedText output)
    {
        if (!Lowercases)
        {
            output.Copy(text, start);
            return;
        }

        Span<byte> small = stackalloc byte[256];
        for (int at = 0, count; at < text.Length; at += count)
        {
            Ascii.ToLower(text.Slice(at, Math.Min(text.Length - at, small.Length)), small, out count);
            output.Copy(small[..count], start + at);
        }
    }

    private void Add(Rune character, int start, int end, bool strips, ref CharacterRun run, NormalizedText output)
    {
        ref readonly UnicodeProperties properties = ref _table[character.Value];
        if (CleansText)
        {
            if (IsRemoved(character.Value, properties))
                return;

            if (Rune.IsWhiteSpace(character))
            {
                Flush(ref run, output);
                output.Append(" "u8, start, end);
                return;
            }
        }

        bool separates = SeparatesChinese && IsChinese(character.Value);
        if (separates)
        {
            Flush(ref run, output);
            output.Append(" "u8, start, start);
        }

        if (!strips)
        {
            Emit(character, start, end, output);
        }
        else
        {
            if ((properties.Traits & UnicodeTraits.Continues) == 0)
                Flush(ref run, output);

            run.Add(character.Value, properties, start, end);
        }

        if (separates)
        {
            Flush(ref run, output);
            output.Append(" "u8, end, end);
        }
    }

    // There are characters in the run only where accents are stripped.
    private void Flush(ref CharacterRun run, NormalizedText output)
    {
        if (run.Count == 0)
            return;

        run.Sort();
        run.Straighten();
        for (int i = 0; i < run.Count; i++)
        {
            Rune character = run.Get(i, out int start, out int end);
            if ((_table[character.Value].Traits & UnicodeTraits.NonspacingMark) == 0)
                Emit(character, start, end, output);
        }

        run.Clear();
    }

    private void Emit(Rune character, int start, int end, NormalizedText output)
    {
        Span<byte> utf8 = stackalloc byte[SmallLetters.MaxByteCount];
        int length = Lowercases ? SmallLetters.Write(character, _table[character.Value], utf8) : character.EncodeToUtf8(utf8);
        output.Append(utf8[..length], start, end);
    }

    private static bool IsRemoved(int codePoint, in UnicodeProperties properties) => codePoint switch
    {
        '\t' or '\n' or '\r' => false,
        0xFFFD => true,
        // Areas for private use, which take part in no table.
        (>= 0xE000 and <= 0xF8FF) or (>= 0xF0000 and <= 0xFFFFD) or (>= 0x100000 and <= 0x10FFFD) => true,
        _ => (properties.Traits & UnicodeTraits.Control) != 0,
    };

    // What was Chinese when BERT was made; later extensions of the block are not.
    private static bool IsChinese(int codePoint) => codePoint is
        (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x2A6DF) or
        (>= 0x2A700 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F);
}
