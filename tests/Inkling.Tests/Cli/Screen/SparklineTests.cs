using Inkling.Cli.Screen;

namespace Inkling.Tests.Cli.Screen;

public sealed class SparklineTests
{
    [Fact]
    public void Higher_values_have_higher_blocks()
        => Assert.Equal("▁▂▃▅▆▇█", Sparkline.Draw([0, 1, 2, 3, 4, 5, 6], isUnicode: true));

    [Fact]
    public void ASCII_has_fewer_levels() => Assert.Equal("_.,-=*#", Sparkline.Draw([0, 1, 2, 3, 4, 5, 6], isUnicode: false));

    [Fact]
    public void The_fall_of_the_first_steps_does_not_flatten_the_rest()
        => Assert.Equal("██▇▆▅▄▃▂▁", Sparkline.Draw([100, 7, 6, 5, 4, 3, 2, 1, 0], isUnicode: true));

    [Fact]
    public void What_is_not_finite_is_a_gap() => Assert.Equal("▁ █ ", Sparkline.Draw([1, double.NaN, 2, double.PositiveInfinity], isUnicode: true));

    [Fact]
    public void Equal_values_are_flat() => Assert.Equal("▁▁", Sparkline.Draw([3, 3], isUnicode: true));

    [Fact]
    public void Nothing_is_nothing() => Assert.Equal("", Sparkline.Draw([], isUnicode: true));

    [Fact]
    public void A_curve_goes_as_far_as_the_run_has_come()
    {
        var curve = new LossCurve(lastStep: 100);
        for (var step = 1; step <= 50; step++)
        {
            curve.Add(step, step);
        }

        // Ten columns for the run, each the mean of ten steps.
        Assert.Equal([5.5, 15.5, 25.5, 35.5, 45.5], curve.Columns(10).Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void A_short_run_fills_a_wide_screen()
    {
        var curve = new LossCurve(lastStep: 2);
        curve.Add(1, 4);
        curve.Add(2, 3);

        Assert.Equal([4, 4, 4, 3, 3, 3], curve.Columns(6));
    }

    [Fact]
    public void A_long_run_needs_no_more_memory_and_ignores_what_is_not_finite()
    {
        var curve = new LossCurve(lastStep: 1_000_000_000);
        curve.Add(1, 2);
        curve.Add(2, double.NaN);
        curve.Add(1_000_000_000, 1);

        Assert.Equal(2, curve.Columns(1_000)[0]);
        Assert.Equal(1, curve.Columns(1_000)[^1]);
    }
}
