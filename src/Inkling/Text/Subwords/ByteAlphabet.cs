using System.Text;

namespace Inkling.Text.Subwords;

/// <summary>
/// The characters in which the files of byte-level tokenizers write bytes (GPT-2's <c>bytes_to_unicode</c>): printable ones of Latin-1 stand for themselves,
/// the others for U+0100 and what follows, so that a space is written Ġ.
/// </summary>
internal static class ByteAlphabet
{
    private const int Absent = -1;

    private static readonly char[] Characters = MakeCharacters();
    private static readonly int[] Bytes = MakeBytes();

    /// <summary>The text that stands for bytes.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte value in bytes)
            text.Append(Characters[value]);

        return text.ToString();
    }

    /// <summary>The bytes that a text stands for; null where a character stands for none.</summary>
    public static byte[]? TryRead(string text)
    {
        var bytes = new byte[text.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            int value = text[i] < Bytes.Length ? Bytes[text[i]] : Absent;
            if (value == Absent)
                return null;

            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        int next = 0x100;
        for (int value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)next++;

        return characters;
    }

    private static int[] MakeBytes()
    {
        var bytes = new int[Characters.Max() + 1];
        Array.Fill(bytes, Absent);
        for (int value = 0; value < 256; value++)
            bytes[Characters[value]] = value;

        return bytes;
    }
}
