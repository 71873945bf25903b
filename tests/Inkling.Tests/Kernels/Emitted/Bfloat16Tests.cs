using Inkling.Kernels;

namespace Inkling.Tests.Kernels.Emitted;

public class Bfloat16Tests
{
    [Theory]
    [InlineData(0x0000_0000, 0x0000_0000)]
    [InlineData(0x8000_0000, 0x8000_0000)] // the sign of zero
    [InlineData(0x3F80_0000, 0x3F80_0000)]
    [InlineData(0x3F80_7FFF, 0x3F80_0000)]
    [InlineData(0x3F80_8000, 0x3F80_0000)] // halfway, to the even neighbour below
    [InlineData(0x3F80_8001, 0x3F81_0000)]
    [InlineData(0x3F81_8000, 0x3F82_0000)] // halfway, to the even neighbour above
    [InlineData(0xBF81_8000, 0xBF82_0000)]
    [InlineData(0x3FFF_8000, 0x4000_0000)] // into the next power of two
    [InlineData(0x7F7F_7FFF, 0x7F7F_0000)] // the largest number that stays one
    [InlineData(0x7F7F_8000, 0x7F80_0000)] // infinity from here on
    [InlineData(0xFF7F_FFFF, 0xFF80_0000)]
    [InlineData(0x7F80_0000, 0x7F80_0000)]
    [InlineData(0xFF80_0000, 0xFF80_0000)]
    [InlineData(0x0000_0001, 0x0000_0000)] // denormals
    [InlineData(0x0000_8000, 0x0000_0000)]
    [InlineData(0x0001_8000, 0x0002_0000)]
    [InlineData(0x807F_FFFF, 0x8080_0000)] // the largest denormal becomes the smallest normal number
    [InlineData(0x7F80_0001, 0x7FC0_0000)] // NaN stays NaN and becomes quiet
    [InlineData(0x7FBF_FFFF, 0x7FFF_0000)]
    [InlineData(0x7FFF_FFFF, 0x7FFF_0000)]
    [InlineData(0xFFFF_FFFF, 0xFFFF_0000)]
    [InlineData(0xFF80_FFFF, 0xFFC0_0000)]
    public void A_number_becomes_its_nearest(uint bits, uint expected) => Assert.Equal(expected, Round(bits));

    /// <summary>By distances in double, which are exact, instead of by bits.</summary>
    [Fact]
    public void Any_number_becomes_its_nearest()
    {
        var random = new Random(3);
        for (var i = 0; i < 200_000; i++)
        {
            var bits = (uint)random.NextInt64(1L << 32) & (i % 3 == 0 ? 0xFFFF_8000 : uint.MaxValue); // every third as likely as not halfway
            Assert.True(Oracle(bits) == Round(bits), $"{bits:X8} becomes {Round(bits):X8}, expected {Oracle(bits):X8}");
        }
    }

    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "1 0")]
    [InlineData(5, "1 0 3 2 4")]
    [InlineData(6, "1 0 3 2 5 4")]
    public void The_second_of_two_neighbours_comes_first(int terms, string expected)
        => Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, terms).Select(place => Bfloat16.Term(place, terms))));

    private static uint Round(uint bits) => BitConverter.SingleToUInt32Bits(Bfloat16.Round(BitConverter.UInt32BitsToSingle(bits)));

    private static uint Oracle(uint bits)
    {
        var below = bits & 0xFFFF_0000;
        if (float.IsNaN(BitConverter.UInt32BitsToSingle(bits)))
            return below | 0x0040_0000;

        var above = below + 0x1_0000;
        var (toBelow, toAbove) = (Distance(below), Distance(above));
        return toBelow < toAbove || (toBelow == toAbove && (below & 0x1_0000) == 0) ? below : above;

        // Of infinity as if it were the next number.
        double Distance(uint neighbour) => Math.Abs(Number(bits) - Number(neighbour));
    }

    private static double Number(uint bits)
        => (bits & 0x7FFF_FFFF) == 0x7F80_0000 ? Math.ScaleB(bits >> 31 == 0 ? 1 : -1, 128) : BitConverter.UInt32BitsToSingle(bits);
}
