namespace Inkling.Cli;

/// <summary>Quantities as people read them.</summary>
internal static class Units
{
    public static string Bytes(double bytes) => Scaled(bytes, "B");

    /// <summary>A count with its thousands, millions or more.</summary>
    public static string Count(double count) => Scaled(count, "").TrimEnd();

    /// <summary>Hours, minutes and seconds, as many as matter.</summary>
    public static string Duration(double seconds)
    {
        if (!(seconds < 1e9))
        {
            return "–";
        }

        var time = TimeSpan.FromSeconds(seconds);
        return time switch
        {
            { TotalHours: >= 1 } => $"{(long)time.TotalHours}h {time.Minutes:00}m",
            { TotalMinutes: >= 1 } => $"{time.Minutes}m {time.Seconds:00}s",
            { TotalSeconds: >= 10 } => $"{time.TotalSeconds:0}s",
            _ => $"{time.TotalSeconds:0.0}s",
        };
    }

    private static string Scaled(double value, string unit)
    {
        var power = 0;
        for (; value >= 999.5 && power < 6; power++)
        {
            value /= 1000;
        }

        var digits = power == 0 ? "0" : value < 10 ? "0.00" : value < 100 ? "0.0" : "0";
        return $"{value.ToString(digits)} {(power == 0 ? "" : " kMGTPE"[power])}{unit}";
    }
}
