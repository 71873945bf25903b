namespace Inkling.Cli.Reporting;

/// <summary>Curves as they are drawn: thinned out, smoothed, with round numbers beside them.</summary>
internal static class Curve
{
    /// <summary>Most points of a curve on a page; a screen has not many more columns.</summary>
    public const int MostPoints = 800;

    /// <summary>Fewer points that look the same: the first, the last, and of each stretch the lowest and the highest.</summary>
    /// <param name="points">In the order of X.</param>
    /// <param name="most">As many may remain; 4 or more.</param>
    public static IReadOnlyList<CurvePoint> Thin(IReadOnlyList<CurvePoint> points, int most = MostPoints)
    {
        if (points.Count <= most)
        {
            return points;
        }

        var stretches = (most - 2) / 2;
        var inner = points.Count - 2;
        var kept = new List<CurvePoint> { points[0] };
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var from = 1 + (int)((long)stretch * inner / stretches);
            var to = 1 + (int)((stretch + 1L) * inner / stretches);
            var (low, high) = (from, from);
            for (var i = from; i < to; i++)
            {
                low = points[i].Y < points[low].Y ? i : low;
                high = points[i].Y > points[high].Y ? i : high;
            }

            kept.AddRange(new[] { low, high }.Distinct().Order().Select(i => points[i]));
        }

        kept.Add(points[^1]);
        return kept;
    }

    /// <summary>Exponentially weighted means, from both sides so that the curve does not lag behind.</summary>
    /// <param name="points">In the order of X.</param>
    /// <param name="span">About as many points to each side count; 1 or more.</param>
    public static IReadOnlyList<CurvePoint> Smooth(IReadOnlyList<CurvePoint> points, double span)
    {
        var before = Means(points);
        var after = Means(points.Reverse()).Reverse();
        return [.. points.Zip(before, after).Select(each => each.First with { Y = (each.Second + each.Third) / 2 })];

        // Divided by the weights so far, so that the first points are not those of a curve from zero.
        IEnumerable<double> Means(IEnumerable<CurvePoint> from)
        {
            double sum = 0, weight = 0;
            foreach (var point in from)
            {
                (sum, weight) = (((1 - (1 / span)) * sum) + point.Y, ((1 - (1 / span)) * weight) + 1);
                yield return sum / weight;
            }
        }
    }

    /// <summary>Multiples of 1, 2 or 5 times a power of ten inside a range.</summary>
    /// <param name="from">Lower end.</param>
    /// <param name="to">Upper end, above it.</param>
    /// <param name="most">As many at most; 2 or more.</param>
    public static IReadOnlyList<double> Ticks(double from, double to, int most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10((to - from) / most)));
        return new[] { 1, 2, 5, 10, 20 }.Select(factor => Multiples(factor * power)).First(ticks => ticks.Length <= most);

        // A tick on the very end of the range belongs to it, whatever the rounding.
        double[] Multiples(double step)
        {
            var (first, last) = (Math.Ceiling((from / step) - 1e-9), Math.Floor((to / step) + 1e-9));
            return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Math.Round((first + i) * step, 12))];
        }
    }
}
