using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

public class PhiloxTests
{
    // The known answers that come with Random123, the code of the paper (kat_vectors, philox4x32 10).
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Block_is_that_of_the_paper(string counter, string key, string expected)
    {
        var (c, k) = (Words(counter), Words(key));
        var block = Philox.Block(c[0], c[1], c[2], c[3], k[0], k[1]);
        Assert.Equal(Words(expected), new[] { block[0], block[1], block[2], block[3] });
    }

    [Fact]
    public void Every_part_of_a_key_changes_the_numbers()
    {
        var key = new RandomKey(1, RandomPurpose.Dropout, 2, 3);
        double[] numbers =
        [
            Philox.Uniform(key, 4, 5),
            Philox.Uniform(key, 4, 6),
            Philox.Uniform(key, 5, 5),
            Philox.Uniform(key with { Site = 4 }, 4, 5),
            Philox.Uniform(key with { Step = 3 }, 4, 5),
            Philox.Uniform(key with { Purpose = RandomPurpose.Windows }, 4, 5),
            Philox.Uniform(key with { Seed = 2 }, 4, 5),
            Philox.Uniform(key with { Seed = 1 + (1UL << 32) }, 4, 5),
        ];
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.InRange(number, 0, 1 - double.Epsilon));
    }

    private static uint[] Words(string hexadecimal) => Array.ConvertAll(hexadecimal.Split(' '), word => Convert.ToUInt32(word, 16));
}
