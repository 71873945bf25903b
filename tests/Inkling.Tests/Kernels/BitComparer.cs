namespace Inkling.Tests.Kernels;

/// <summary>Tells numbers apart by their bits: NaNs can be equal, zeros of different sign are not.</summary>
internal sealed class BitComparer : IEqualityComparer<double>
{
    public static BitComparer Instance { get; } = new();

    public bool Equals(double x, double y) => BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y);

    public int GetHashCode(double value) => value.GetHashCode();
}
