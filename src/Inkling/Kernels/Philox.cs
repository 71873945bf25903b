using System.Runtime.Intrinsics;

namespace Inkling.Kernels;

/// <summary>
/// Philox4x32-10: a counter-based random function (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
/// </summary>
public static class Philox
{
    /// <summary>Number of rounds; ten is the paper's safe choice.</summary>
    internal const int Rounds = 10;

    // Multipliers and key increments of the paper (the latter: golden ratio and √3 − 1).
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint KeyStep0 = 0x9E3779B9;
    internal const uint KeyStep1 = 0xBB67AE85;

    /// <summary>The four random words of <paramref name="block"/> in <paramref name="row"/> of a stream.</summary>
    public static Vector128<uint> Block(RandomKey key, uint row, uint block)
        => Block(block, row, key.Step, key.Stream, (uint)key.Seed, (uint)(key.Seed >> 32));

    /// <summary>Uniform double in [0, 1) with 53 random bits, from the first two words of a block.</summary>
    public static double Uniform(RandomKey key, uint row, uint block)
    {
        var words = Block(key, row, block);
        var bits = ((ulong)words[0] << 32) | words[1];
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    internal static Vector128<uint> Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * c0;
            var product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += KeyStep0;
            k1 += KeyStep1;
        }

        return Vector128.Create(c0, c1, c2, c3);
    }
}
