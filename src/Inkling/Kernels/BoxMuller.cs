namespace Inkling.Kernels;

/// <summary>Normally distributed numbers from uniform ones (Box and Muller, 1958), in double.</summary>
internal static class BoxMuller
{
    private const double Ulp = 1.0 / (1UL << 53);

    /// <summary>The two independent standard normal numbers of a block of a stream; blocks past 2^32 lie in further rows.</summary>
    public static (double First, double Second) Pair(RandomKey key, ulong block)
    {
        var words = Philox.Block(key, (uint)(block >> 32), (uint)block);
        var radius = Math.Sqrt(-2 * Math.Log((Bits53(words[0], words[1]) + 1) * Ulp)); // the logarithm's argument is in (0, 1]
        var (sin, cos) = Math.SinCos(2 * Math.PI * (Bits53(words[2], words[3]) * Ulp));
        return (radius * cos, radius * sin);
    }

    private static ulong Bits53(uint high, uint low) => (((ulong)high << 32) | low) >> 11;
}
