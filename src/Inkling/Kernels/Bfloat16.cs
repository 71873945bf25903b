namespace Inkling.Kernels;

/// <summary>
/// bfloat16, the upper half of a float32: 8 bits of exponent and 7 of fraction (Wang and Kanwar, "BFloat16: The secret to high performance on Cloud
/// TPUs", 2019). It exists only as an input of products, see <see cref="Precision.Bfloat16"/>.
/// </summary>
public static class Bfloat16
{
    /// <summary>The nearest value of bfloat16, ties to even; NaN stays NaN.</summary>
    public static float Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? BitConverter.UInt32BitsToSingle((bits | 0x0040_0000) & 0xFFFF_0000)
            : BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF_0000);
    }

    /// <summary>The term of a sum that comes at a place: of every two neighbours the second comes first. A last one alone keeps its place.</summary>
    public static int Term(int place, int terms) => place == terms - 1 && terms % 2 != 0 ? place : place ^ 1;
}
