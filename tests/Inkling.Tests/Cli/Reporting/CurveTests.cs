using Inkling.Cli.Reporting;

namespace Inkling.Tests.Cli.Reporting;

public sealed class CurveTests
{
    [Fact]
    public void Few_points_stay_as_they_are()
    {
        CurvePoint[] points = [new(1, 4), new(2, 3)];
        Assert.Same(points, Curve.Thin(points, most: 4));
    }

    [Fact]
    public void Thinning_keeps_the_ends_and_every_extreme()
    {
        CurvePoint[] points = [.. Enumerable.Range(0, 100_000).Select(i => new CurvePoint(i, i switch { 33_333 => 50, 66_666 => -50, _ => Math.Sin(i) }))];

        var thin = Curve.Thin(points, most: 1_000);

        Assert.InRange(thin.Count, 900, 1_000);
        Assert.Equal((points[0], points[^1]), (thin[0], thin[^1]));
        Assert.Contains(new CurvePoint(33_333, 50), thin);
        Assert.Contains(new CurvePoint(66_666, -50), thin);
        Assert.Equal(thin.OrderBy(point => point.X), thin);
        Assert.Equal(thin.Distinct(), thin);
    }

    [Fact]
    public void Smoothing_leaves_a_level_and_a_single_point_alone()
    {
        Assert.Equal([new(1, 2), new(2, 2), new(3, 2)], Curve.Smooth([new(1, 2), new(2, 2), new(3, 2)], span: 3));
        Assert.Equal([new CurvePoint(1, 2)], Curve.Smooth([new(1, 2)], span: 3));
        Assert.Empty(Curve.Smooth([], span: 3));
    }

    [Fact]
    public void Smoothing_neither_lags_nor_leads()
    {
        var smooth = Curve.Smooth([.. Enumerable.Range(0, 11).Select(i => new CurvePoint(i, i == 5 ? 1 : 0))], span: 2);

        Assert.Equal(smooth.Select(point => Math.Round(point.Y, 12)), smooth.Select(point => Math.Round(point.Y, 12)).Reverse());
        Assert.Equal(5, smooth.MaxBy(point => point.Y).X);
    }

    [Theory]
    [InlineData(0, 300, 5, new[] { 0.0, 100, 200, 300 })]
    [InlineData(2.3, 4.2, 7, new[] { 2.5, 3, 3.5, 4 })]
    [InlineData(0, 0.003, 5, new[] { 0, 0.001, 0.002, 0.003 })]
    [InlineData(-1, 1, 5, new[] { -1, -0.5, 0, 0.5, 1 })]
    [InlineData(0, 1, 5, new[] { 0, 0.5, 1 })]
    public void Ticks_are_round_numbers(double from, double to, int most, double[] ticks) => Assert.Equal(ticks, Curve.Ticks(from, to, most));

    [Fact]
    public void There_are_never_too_many_ticks_nor_too_few()
        => Assert.All(Enumerable.Range(1, 2_000), i => Assert.InRange(Curve.Ticks(0.1 * i, (0.1 * i) + (i * i * 0.01), 7).Count, 1, 7));
}
