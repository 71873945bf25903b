namespace Inkling.Kernels.Reference;

/// <summary>Activations and their derivatives in double, accurate to about 1e-15.</summary>
internal static class ReferenceActivation
{
    public static double Value(Activation activation, double x) => activation switch
    {
        Activation.None => x,
        Activation.Relu => Math.Max(0, x),
        Activation.Gelu => x * NormalDistribution(x),
        Activation.GeluTanh => 0.5 * x * (1 + Math.Tanh(TanhArgument(x))),
        Activation.ReluSquared => Math.Max(0, x) * Math.Max(0, x),
        Activation.Silu => x * Sigmoid(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    public static double Slope(Activation activation, double x) => activation switch
    {
        Activation.None => 1,
        Activation.Relu => x > 0 ? 1 : 0,
        Activation.Gelu => NormalDistribution(x) + (x * NormalDensity(x)),
        Activation.GeluTanh => TanhSlope(x),
        Activation.ReluSquared => 2 * Math.Max(0, x),
        Activation.Silu => Sigmoid(x) * (1 + (x * (1 - Sigmoid(x)))),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    /// <summary>
    /// The error function, by the series 7.1.6 of Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), whose terms
    /// are all positive, and where that grows long by the continued fraction 7.1.14.
    /// </summary>
    public static double Erf(double x)
    {
        var z = Math.Abs(x);
        return Math.CopySign(z < 3 ? ErfSeries(z) : 1 - ErfcFraction(z), x);
    }

    // erf z = 2/√π · exp(−z²) · Σₙ 2ⁿ z²ⁿ⁺¹ / (1·3·…·(2n + 1))
    private static double ErfSeries(double z)
    {
        var (term, sum) = (z, 0.0);
        for (var n = 1; sum + term != sum; n++)
        {
            sum += term;
            term *= 2 * z * z / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum;
    }

    // √π · exp(z²) · erfc z = 1/(z + ½/(z + 1/(z + 3⁄2/(z + …)))); 50 levels settle all digits from z = 3 on.
    private static double ErfcFraction(double z)
    {
        var denominator = z;
        for (var level = 50; level > 0; level--)
            denominator = z + (level / 2.0 / denominator);

        return Math.Exp(-z * z) / (Math.Sqrt(Math.PI) * denominator);
    }

    private static double NormalDistribution(double x) => 0.5 * (1 + Erf(x / Math.Sqrt(2)));

    private static double NormalDensity(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double TanhArgument(double x) => Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x));

    private static double TanhSlope(double x)
    {
        var tanh = Math.Tanh(TanhArgument(x));
        var argumentSlope = Math.Sqrt(2 / Math.PI) * (1 + (3 * 0.044715 * x * x));
        return (0.5 * (1 + tanh)) + (0.5 * x * (1 - (tanh * tanh)) * argumentSlope);
    }
}
