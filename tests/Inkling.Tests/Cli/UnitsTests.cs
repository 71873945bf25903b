using Inkling.Cli;

namespace Inkling.Tests.Cli;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_000, "1.00 kB")]
    [InlineData(12_345, "12.3 kB")]
    [InlineData(999_600, "1.00 MB")]
    [InlineData(3.2e9, "3.20 GB")]
    public void Bytes_have_three_digits(double bytes, string text) => Assert.Equal(text, Units.Bytes(bytes));

    [Theory]
    [InlineData(0.04, "0.0s")]
    [InlineData(12.4, "12s")]
    [InlineData(65, "1m 05s")]
    [InlineData(3_725, "1h 02m")]
    [InlineData(100_000, "27h 46m")]
    [InlineData(double.NaN, "–")]
    public void Durations_have_the_units_that_matter(double seconds, string text) => Assert.Equal(text, Units.Duration(seconds));
}
