using System.Numerics;

namespace Inkling.Text.Subwords;

/// <summary>A set of pairs that may hold some more than were added: one bit for each hash of a pair.</summary>
internal sealed class NeighbourFilter
{
    private const int BitsPerPair = 16;

    private readonly ulong[] _bits;
    private readonly int _shift;

    /// <summary>Makes an empty set.</summary>
    /// <param name="pairCount">How many pairs will be added; about one in sixteen of the others will seem to be in it too.</param>
    public NeighbourFilter(int pairCount)
    {
        int log = Math.Max(6, BitOperations.Log2((uint)Math.Clamp((long)pairCount * BitsPerPair, 64, 1 << 30)) + 1);
        _bits = new ulong[1 << (log - 6)];
        _shift = 64 - log;
    }

    /// <summary>Adds a pair.</summary>
    public void Add(int left, int right)
    {
        ulong hash = HashOf(left, right);
        _bits[hash >> 6] |= 1UL << (int)(hash & 63);
    }

    /// <summary>Whether a pair was added; sometimes true of one that was not.</summary>
    public bool Contains(int left, int right)
    {
        ulong hash = HashOf(left, right);
        return (_bits[hash >> 6] >> (int)(hash & 63) & 1) != 0;
    }

    private ulong HashOf(int left, int right) => ((ulong)(uint)left << 32 | (uint)right) * 0x9E3779B97F4A7C15 >> _shift;
}
