using System.Buffers.Binary;

namespace Inkling.Text.Normalization;

/// <summary>
/// A table of replacements in SentencePiece's binary form: the size of a trie in bytes, the trie (a double array as Darts writes it), and the replacements,
/// each ended by a zero byte.
/// </summary>
internal sealed class CharsMap
{
    /// <summary>No string that is replaced, and none that replaces it, is longer.</summary>
    public const int MaxLength = 1024;

    private const uint LeafFlag = 1u << 31;

    private readonly byte[] _bytes;
    private readonly uint[] _units;
    private readonly ReadOnlyMemory<byte> _replacements;
    private readonly bool[] _starts = new bool[256];

    private CharsMap(byte[] bytes, uint[] units, int replacementsStart)
    {
        (_bytes, _units, _replacements) = (bytes, units, bytes.AsMemory(replacementsStart));
        for (int value = 0; value < 256; value++)
        {
            int node = Step(OffsetOf(units[0]), (byte)value);
            _starts[value] = node >= 0;
        }
    }

    /// <summary>The binary form.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Reads the binary form.</summary>
    /// <param name="bytes">Kept, not copied.</param>
    /// <param name="problem">What is wrong where the result is null.</param>
    /// <param name="at">At which of the bytes.</param>
    public static CharsMap? TryRead(byte[] bytes, out string problem, out int at)
    {
        const int SizeBytes = sizeof(uint);
        (problem, at) = ("", 0);
        if (bytes.Length < SizeBytes)
        {
            problem = $"a table of replacements has {bytes.Length} bytes, fewer than the {SizeBytes} of its first number";
            return null;
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size == 0 || size % sizeof(uint) != 0 || size > bytes.Length - SizeBytes)
        {
            problem = $"the trie of the replacements claims {size} bytes; it needs a positive multiple of 4, and {bytes.Length - SizeBytes} are left";
            return null;
        }

        var units = new uint[size / sizeof(uint)];
        for (int i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(SizeBytes + (i * sizeof(uint))));

        int start = SizeBytes + (int)size;
        return FindBadString(bytes, start, ref problem, ref at) || FindBadLeaf(units, bytes.Length - start, ref problem, ref at)
            ? null
            : new CharsMap(bytes, units, start);
    }

    /// <summary>Whether something that is replaced may begin with a byte.</summary>
    public bool MayStartWith(byte value) => _starts[value];

    /// <summary>Finds the longest string at the beginning of a text that is replaced.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="length">Its length in bytes; 0 where there is none.</param>
    /// <returns>What it becomes, which may be nothing.</returns>
    public ReadOnlySpan<byte> Match(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        uint found = 0;
        int place = OffsetOf(_units[0]);
        int limit = Math.Min(text.Length, MaxLength);
        for (int i = 0; i < limit; i++)
        {
            int node = Step(place, text[i]);
            if (node < 0)
                break;

            uint unit = _units[node];
            place = node ^ OffsetOf(unit);
            if (HasLeaf(unit))
                (found, length) = (_units[place] & ~LeafFlag, i + 1);
        }

        if (length == 0)
            return [];

        ReadOnlySpan<byte> replacement = _replacements.Span[(int)found..];
        return replacement[..replacement.IndexOf((byte)0)];
    }

    // A child lies where the parent points, its label mixed in; a unit without that label there is somebody else's.
    private int Step(int place, byte label)
    {
        int node = place ^ label;
        return (uint)node < (uint)_units.Length && (_units[node] & (LeafFlag | 0xFF)) == label ? node : -1;
    }

    private static int OffsetOf(uint unit) => (int)((unit >> 10) << (int)((unit & (1u << 9)) >> 6));

    private static bool HasLeaf(uint unit) => (unit >> 8 & 1) != 0;

    private static bool FindBadString(byte[] bytes, int start, ref string problem, ref int at)
    {
        for (at = start; at < bytes.Length;)
        {
            int length = bytes.AsSpan(at).IndexOf((byte)0);
            if (length is < 0 or > MaxLength)
            {
                problem = length < 0 ? "the last replacement is not ended by a zero byte" : $"a replacement has {length} bytes; {MaxLength} are the most";
                return true;
            }

            at += length + 1;
        }

        return false;
    }

    private static bool FindBadLeaf(uint[] units, int replacementBytes, ref string problem, ref int at)
    {
        for (int i = 0; i < units.Length; i++)
        {
            if ((units[i] & LeafFlag) != 0 || !HasLeaf(units[i]))
                continue;

            at = sizeof(uint) * (i + 1);
            int leaf = i ^ OffsetOf(units[i]);
            if ((uint)leaf >= (uint)units.Length || (units[leaf] & LeafFlag) == 0)
            {
                problem = $"unit {i} of the trie of the replacements has its value at {leaf}, which is no leaf among the {units.Length} units";
                return true;
            }

            if ((units[leaf] & ~LeafFlag) >= replacementBytes)
            {
                problem = $"unit {i} of the trie of the replacements points at byte {units[leaf] & ~LeafFlag} of {replacementBytes}";
                return true;
            }
        }

        return false;
    }
}
