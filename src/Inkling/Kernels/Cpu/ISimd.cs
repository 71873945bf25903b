namespace Inkling.Kernels.Cpu;

/// <summary>
/// A vector of float lanes. Each kernel is written once against this interface; the JIT makes a copy for every width, in which
/// all of these calls are single instructions. Masks have all bits of a lane set or clear.
/// </summary>
internal unsafe interface ISimd<V>
    where V : unmanaged, ISimd<V>
{
    /// <summary>Number of lanes W.</summary>
    static abstract int Count { get; }

    /// <summary>Most rows of the register tile of a product: two vectors of sums per row, next to two of inputs and one broadcast.</summary>
    static abstract int TileRows { get; }

    /// <summary>0, 1, 2, … in the lanes, as integers.</summary>
    static abstract V LaneNumbers { get; }

    static abstract V Load(float* source);

    static abstract V Create(float value);

    static abstract V CreateBits(uint value);

    static abstract void Store(V value, float* destination);

    /// <summary>The first <paramref name="count"/> lanes from memory, zero in the others; what lies beyond is not touched.</summary>
    static abstract V LoadPart(float* source, int count);

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    static abstract void StorePart(V value, float* destination, int count);

    static abstract V operator +(V a, V b);

    static abstract V operator -(V a, V b);

    static abstract V operator *(V a, V b);

    static abstract V operator /(V a, V b);

    static abstract V operator &(V a, V b);

    static abstract V operator ^(V a, V b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    static abstract V Max(V a, V b);

    /// <summary><see cref="Max"/> in one instruction; b where that is no number, and either where only a is none.</summary>
    static abstract V MaxNative(V a, V b);

    /// <summary>The smaller of two, in one instruction; b where that is no number, and either where only a is none.</summary>
    static abstract V MinNative(V a, V b);

    static abstract V Sqrt(V a);

    static abstract V Abs(V a);

    static abstract V Less(V a, V b);

    static abstract V Select(V mask, V whenSet, V whenClear);

    /// <summary>Nearest integer, ties to even, as a float.</summary>
    static abstract V Round(V a);

    /// <summary>2ⁿ for integral n in −126 … 127.</summary>
    static abstract V PowerOfTwo(V n);

    static abstract V AddBits(V a, V b);

    /// <summary><see cref="Bfloat16.Round"/> of every lane.</summary>
    static abstract V RoundToBfloat16(V a);

    /// <summary>Full 64-bit products of the lanes taken as unsigned integers: high and low halves.</summary>
    static abstract void MultiplyWide(V a, V b, out V high, out V low);

    /// <summary>Mask of the lanes where a ≥ b as unsigned integers.</summary>
    static abstract V AtLeastBits(V a, V b);

    /// <summary>Sum of the lanes, in a fixed order.</summary>
    static abstract float Sum(V a);

    /// <summary>Largest lane.</summary>
    static abstract float Largest(V a);
}
