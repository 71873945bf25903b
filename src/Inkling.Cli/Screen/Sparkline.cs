namespace Inkling.Cli.Screen;

/// <summary>A curve in a row of characters.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Ascii = "_.,-=*#";

    /// <summary>One character per value, higher for more. What is not finite leaves a gap.</summary>
    /// <remarks>The fall of the first steps would flatten all that follows, so the first eighth may leave the picture at the top.</remarks>
    public static string Draw(IReadOnlyList<double> values, bool isUnicode)
    {
        var levels = isUnicode ? Blocks : Ascii;
        var later = values.Skip(values.Count / 8).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (low, high) = (later.Min(), later.Max());
        return string.Concat(values.Select(Character));

        char Character(double value)
        {
            if (!double.IsFinite(value))
            {
                return ' ';
            }

            var share = high > low ? Math.Clamp((value - low) / (high - low), 0, 1) : 0;
            return levels[(int)Math.Round(share * (levels.Length - 1))];
        }
    }
}
