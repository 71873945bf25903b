namespace Inkling.Cli.Explaining;

/// <summary>Numbers for columns.</summary>
internal static class Numbers
{
    /// <summary>Most numbers of a vector that are shown where there is room.</summary>
    public const int MostComponents = 16;

    /// <summary>A number in at most seven characters.</summary>
    public static string Short(double number) => Math.Abs(number) switch
    {
        < 9.99995 => number.ToString("0.0000"),
        < 99.9995 => number.ToString("0.000"),
        < 999.995 => number.ToString("0.00"),
        < 99_999.5 => number.ToString("0"),
        _ => number.ToString("0e0"),
    };

    /// <summary>A number to check a calculation by.</summary>
    public static string Long(double number) => number.ToString("0.00000");

    /// <summary>A probability.</summary>
    public static string Probability(double probability) => probability.ToString("0.0000");

    /// <summary>A weight from 0 to 1 in three characters.</summary>
    public static string Weight(double weight) => weight >= 0.995 ? "1.0" : weight.ToString(".00");

    /// <summary>Length of a vector.</summary>
    public static double Norm(IEnumerable<float> vector) => Math.Sqrt(vector.Sum(x => (double)x * x));

    /// <summary>The first components of a vector as cells, with a mark where there are more.</summary>
    public static IEnumerable<Line> First(IReadOnlyList<float> vector, int count, PageStyle style)
        => vector.Take(count).Select(x => (Line)Short(x)).Concat(vector.Count > count ? [style.Ellipsis] : []);
}
