using System.Buffers.Binary;
using System.Numerics;

namespace Inkling.Text.Subwords;

/// <summary>The bytes of a short piece as four numbers, which compare and hash without a loop.</summary>
internal readonly record struct PieceKey(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    /// <summary>Longer pieces have no key.</summary>
    public const int MaxLength = 32;

    /// <summary>The key of a piece; pieces of one length have the same key only if they are equal.</summary>
    // The last words overlap the ones before, so that no length needs a loop over single bytes.
    public static PieceKey Of(ReadOnlySpan<byte> piece) => piece.Length switch
    {
        > 16 => new PieceKey(Word(piece), Word(piece[8..]), Word(piece[^16..]), Word(piece[^8..])),
        >= 8 => new PieceKey(Word(piece), Word(piece[^8..]), 0, 0),
        >= 4 => new PieceKey(HalfWord(piece) | ((ulong)HalfWord(piece[^4..]) << 32), 0, 0, 0),
        >= 2 => new PieceKey(QuarterWord(piece) | ((ulong)QuarterWord(piece[^2..]) << 32), 0, 0, 0),
        1 => new PieceKey(piece[0], 0, 0, 0),
        _ => default,
    };

    /// <summary>Spreads keys over the upper bits of a number.</summary>
    /// <param name="length">The length of the piece.</param>
    public ulong Hash(int length)
    {
        ulong hash = (First * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(Second * 0xC2B2AE3D27D4EB4F, 31) ^ (ulong)length;
        if (length > 16)
            hash ^= (Third * 0x165667B19E3779F9) ^ BitOperations.RotateLeft(Fourth * 0x27D4EB2F165667C5, 29);

        return (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private static uint HalfWord(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ushort QuarterWord(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
