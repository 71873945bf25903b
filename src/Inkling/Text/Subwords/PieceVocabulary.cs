using System.Globalization;
using System.Text;

namespace Inkling.Text.Subwords;

/// <summary>A vocabulary of text pieces, with what spells characters that are in no piece.</summary>
internal sealed class PieceVocabulary
{
    /// <summary>No piece.</summary>
    public const int None = -1;

    /// <summary>Takes the pieces in the order of their ids.</summary>
    /// <param name="pieces">Kept, not copied. At most one is <see cref="PieceKind.Unknown"/>; bytes are well formed.</param>
    /// <param name="fallsBackToBytes">Whether characters in no piece are spelled with byte pieces, where there are those it takes.</param>
    public PieceVocabulary(VocabularyPiece[] pieces, bool fallsBackToBytes)
    {
        Pieces = pieces;
        FallsBackToBytes = fallsBackToBytes;
        UnknownId = Array.FindIndex(pieces, piece => piece.Kind == PieceKind.Unknown);
        Array.Fill(BytePieces, None);
        for (int id = 0; fallsBackToBytes && id < pieces.Length; id++)
        {
            if (pieces[id].Kind == PieceKind.Byte && TryReadByte(pieces[id].Text) is { } value)
                BytePieces[value] = id;
        }
    }

    /// <summary>The pieces in the order of their ids.</summary>
    public VocabularyPiece[] Pieces { get; }

    /// <summary>Whether characters in no piece are spelled with byte pieces.</summary>
    public bool FallsBackToBytes { get; }

    /// <summary>The piece that stands for what cannot be spelled, or <see cref="None"/>.</summary>
    public int UnknownId { get; }

    /// <summary>The piece of each byte, or <see cref="None"/>.</summary>
    public int[] BytePieces { get; } = new int[256];

    /// <summary>The byte that a piece such as <c>&lt;0x0A&gt;</c> stands for.</summary>
    public static byte? TryReadByte(string text) =>
        text is ['<', '0', 'x', (>= '0' and <= '9') or (>= 'A' and <= 'F'), (>= '0' and <= '9') or (>= 'A' and <= 'F'), '>']
            ? byte.Parse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : null;

    /// <summary>A trie of the pieces of some kinds, with their ids as values.</summary>
    public ByteTrie TrieOf(params ReadOnlySpan<PieceKind> kinds)
    {
        var entries = new List<(byte[] Key, int Value)>();
        for (int id = 0; id < Pieces.Length; id++)
        {
            if (kinds.Contains(Pieces[id].Kind))
                entries.Add((Encoding.UTF8.GetBytes(Pieces[id].Text), id));
        }

        return new ByteTrie(entries);
    }

    /// <summary>How many bytes the character at <paramref name="at"/> has; a byte that is not UTF-8 counts as one.</summary>
    public static int CharacterLength(ReadOnlySpan<byte> text, int at)
    {
        Utf8Text.TryCharacterAt(text, at, out _, out int length);
        return length;
    }
}
