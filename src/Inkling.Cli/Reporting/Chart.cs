using System.Globalization;
using System.Text;

namespace Inkling.Cli.Reporting;

/// <summary>
/// Curves over the steps of a run. The drawing stretches with the page while lines and letters keep their size: only the curves
/// are SVG, the words are HTML.
/// </summary>
internal sealed record Chart
{
    // Units of the drawing; one decimal more is written.
    private const double Size = 1000;

    // The fall of the first steps would flatten all that follows, so it may begin above the picture.
    private const double IgnoredStart = 0.01;
    private const int ShortCurve = 10;

    /// <summary>What is shown.</summary>
    public required string Title { get; init; }

    /// <summary>Unit of the values.</summary>
    public required string Unit { get; init; }

    /// <summary>The curves, the lowest first.</summary>
    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>The last step of the axis.</summary>
    public required double LastStep { get; init; }

    /// <summary>Whether the axis of values begins at 0.</summary>
    public bool FromZero { get; init; }

    /// <summary>Whether it is the large one.</summary>
    public bool IsLarge { get; init; }

    /// <summary>The chart as a figure.</summary>
    public string ToHtml()
    {
        var (low, high) = Range();
        var yTicks = Curve.Ticks(low, high, IsLarge ? 7 : 5);
        var xTicks = Curve.Ticks(0, LastStep, 6);
        var html = new StringBuilder();
        html.AppendLine($"<figure class=\"chart{(IsLarge ? " large" : "")}\">");
        html.Append($"<figcaption><h3>{Html.Escape(Title)}</h3> <span class=\"unit\">{Html.Escape(Unit)}</span>");
        if (Series.Count > 1)
        {
            html.Append($"<ul class=\"legend\">{string.Concat(Series.Select(LegendEntry))}</ul>");
        }

        html.AppendLine("</figcaption>");
        html.Append("<div class=\"plot\"><div class=\"values\">");
        foreach (var tick in yTicks)
        {
            html.Append(null, $"<span style=\"top:{Number(100 * (1 - Share(tick)))}%\">{Label(tick)}</span>");
        }

        html.AppendLine("</div><div class=\"area\">");
        html.Append($"<svg viewBox=\"0 0 {Size} {Size}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{Html.Escape(Summary())}\" ");
        html.AppendLine(
            $"data-steps=\"{Number(LastStep)}\" data-low=\"{Precise(low)}\" data-high=\"{Precise(high)}\">");
        html.Append("<path class=\"grid\" d=\"");
        yTicks.ToList().ForEach(tick => html.Append(null, $"M0 {Number(Y(tick))}H{Size}"));
        html.AppendLine("\"/>");
        foreach (var series in Series.Where(each => each.Points.Count > 0))
        {
            if (series.Kind == CurveKind.Dots)
            {
                html.AppendLine($"<path class=\"thread\" d=\"{Path(series, isDotted: false)}\"/>");
            }

            var path = Path(series, isDotted: series.Kind is CurveKind.Dots or CurveKind.Ring);
            html.AppendLine($"<path class=\"curve {Kebab.From(series.Kind.ToString())}\" data-name=\"{Html.Escape(series.Name)}\" d=\"{path}\"/>");
        }

        html.AppendLine("</svg></div><div class=\"steps\">");
        foreach (var tick in xTicks)
        {
            html.Append(null, $"<span style=\"left:{Number(100 * tick / LastStep)}%\">{tick:N0}</span>");
        }

        html.AppendLine("</div><div class=\"axis\">step</div></div></figure>");
        return html.ToString();

        double Share(double value) => (value - low) / (high - low);

        double Y(double value) => Size * (1 - Share(value));

        string Path(Series series, bool isDotted)
        {
            var path = new StringBuilder();
            foreach (var point in Curve.Thin(series.Points))
            {
                var place = $"{Number(Size * point.X / LastStep)} {Number(Y(point.Y))}";
                // A line of no length with round ends is a dot that no stretching makes an ellipse.
                path.Append(isDotted ? $"M{place}h0" : path.Length == 0 ? $"M{place}" : $"L{place}");
            }

            return path.ToString();
        }
    }

    private static string LegendEntry(Series series)
        => $"<li><svg class=\"key\" viewBox=\"0 0 24 10\" aria-hidden=\"true\"><path class=\"curve {Kebab.From(series.Kind.ToString())}\" d=\"{(series.Kind is CurveKind.Dots or CurveKind.Ring ? "M12 5h0" : "M1 5H23")}\"/></svg> {Html.Escape(series.Name)}</li>";

    /// <summary>For those who hear the page.</summary>
    private string Summary()
        => $"{Title} in {Unit}. " + string.Join(' ', Series.Where(each => each.Points.Count > 0).Select(each =>
            each.Points.Count == 1 || each.Kind == CurveKind.Dashes
                ? $"{each.Name}: {Label(each.Points[0].Y)}."
                : $"{each.Name}: from {Label(each.Points[0].Y)} at step {each.Points[0].X:N0} to {Label(each.Points[^1].Y)} at step {each.Points[^1].X:N0}."));

    private (double Low, double High) Range()
    {
        var values = Series
            .SelectMany(each => each.Kind is CurveKind.Line or CurveKind.Faint && each.Points.Count > ShortCurve
                ? each.Points.Skip((int)Math.Ceiling(each.Points.Count * IgnoredStart))
                : each.Points)
            .Select(point => point.Y)
            .DefaultIfEmpty(0)
            .ToArray();
        var (low, high) = (FromZero ? Math.Min(0, values.Min()) : values.Min(), values.Max());
        var margin = high > low ? 0.04 * (high - low) : high == 0 ? 1 : 0.1 * Math.Abs(high);
        return (low < 0 || !FromZero ? low - margin : low, high + margin);
    }

    private static string Label(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.0001 => value.ToString("0.##e-0", CultureInfo.InvariantCulture),
        >= 10_000 => Units.Count(value),
        _ => value.ToString("#,0.####", CultureInfo.InvariantCulture),
    };

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Precise(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
