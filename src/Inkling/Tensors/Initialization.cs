namespace Inkling.Tensors;

/// <summary>First values of a parameter: a constant, or a normal distribution around zero.</summary>
/// <param name="Constant">Value of every element when the deviation is 0.</param>
/// <param name="StandardDeviation">Deviation of the normal distribution.</param>
public readonly record struct Initialization(double Constant, double StandardDeviation)
{
    /// <summary>All zero.</summary>
    public static Initialization Zero => default;

    /// <summary>All one, for the gains of norms.</summary>
    public static Initialization One => new(1, 0);

    /// <summary>Normal with mean 0.</summary>
    public static Initialization Normal(double standardDeviation) => new(0, standardDeviation);
}
