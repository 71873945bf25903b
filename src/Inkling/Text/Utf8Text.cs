using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Inkling.Text;

/// <summary>Reads UTF-8 strictly: what is not valid is reported, never replaced.</summary>
internal static class Utf8Text
{
    /// <summary>Decodes the character that starts at <paramref name="offset"/>, <paramref name="length"/> bytes long.</summary>
    /// <exception cref="InvalidTextException">No valid character starts there.</exception>
    public static Rune CharacterAt(ReadOnlySpan<byte> utf8, int offset, out int length) =>
        Rune.DecodeFromUtf8(utf8[offset..], out Rune character, out length) == OperationStatus.Done
            ? character
            : throw InvalidTextException.Utf8(utf8[offset], offset);

    /// <summary>Decodes the character at a place if it is valid; one that is not counts as a byte long.</summary>
    public static bool TryCharacterAt(ReadOnlySpan<byte> utf8, int offset, out Rune character, out int length)
    {
        if (utf8[offset] < 0x80)
        {
            (character, length) = (new Rune(utf8[offset]), 1);
            return true;
        }

        bool isValid = Rune.DecodeFromUtf8(utf8[offset..], out character, out length) == OperationStatus.Done;
        length = isValid ? length : 1;
        return isValid;
    }

    /// <summary>Counts characters by the bytes that start one, which is exact where the text is valid.</summary>
    public static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte value in utf8)
            count += (value & 0xC0) == 0x80 ? 0 : 1;

        return count;
    }

    /// <summary>Checks a whole text.</summary>
    /// <exception cref="InvalidTextException">Some sequence is not valid.</exception>
    public static void Validate(ReadOnlySpan<byte> utf8)
    {
        if (Utf8.IsValid(utf8))
            return;

        // Only a bad text is walked a second time, to say where.
        for (int offset = 0; offset < utf8.Length;)
        {
            CharacterAt(utf8, offset, out int length);
            offset += length;
        }
    }

    /// <summary>A text to look at; a byte that is not valid shows as in <c>\xF0</c>.</summary>
    public static string Show(ReadOnlySpan<byte> utf8)
    {
        if (Utf8.IsValid(utf8))
            return Encoding.UTF8.GetString(utf8);

        var text = new StringBuilder();
        for (int offset = 0, length; offset < utf8.Length; offset += length)
            text.Append(TryCharacterAt(utf8, offset, out Rune character, out length) ? character.ToString() : $"\\x{utf8[offset]:X2}");

        return text.ToString();
    }
}
