using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <summary>Vector loads and stores at the end of a row, and elementary functions.</summary>
internal static unsafe class Simd
{
    /// <summary><see cref="ISimd{V}.LoadPart"/> for processors without masked loads.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V LoadCopied<V>(float* source, int count)
        where V : unmanaged, ISimd<V>
    {
        V value = default;
        Unsafe.CopyBlockUnaligned(&value, source, (uint)count * sizeof(float));
        return value;
    }

    /// <summary><see cref="ISimd{V}.StorePart"/> for processors without masked stores.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StoreCopied<V>(V value, float* destination, int count)
        where V : unmanaged, ISimd<V>
        => Unsafe.CopyBlockUnaligned(destination, &value, (uint)count * sizeof(float));

    /// <summary>
    /// eˣ with a relative error below 2e-7; 0 below −87.3, where the result would not be normal, and 2.4e38 from 88.4 on. Range reduction by ln 2 in two
    /// parts, then the Taylor polynomial of degree 7 on |r| ≤ ½ ln 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var smallest = V.Create(-87.33f);
        var bounded = V.MinNative(V.Create(88.37f), V.MaxNative(smallest, x));
        var n = V.Round(bounded * V.Create(1.44269504f));
        var r = V.MultiplyAdd(n, V.Create(-0.693359375f), bounded);
        r = V.MultiplyAdd(n, V.Create(2.12194440e-4f), r);
        var p = V.MultiplyAdd(V.Create(1f / 5040), r, V.Create(1f / 720));
        p = V.MultiplyAdd(p, r, V.Create(1f / 120));
        p = V.MultiplyAdd(p, r, V.Create(1f / 24));
        p = V.MultiplyAdd(p, r, V.Create(1f / 6));
        p = V.MultiplyAdd(p, r, V.Create(0.5f));
        p = V.MultiplyAdd(p, r, V.Create(1f));
        p = V.MultiplyAdd(p, r, V.Create(1f));
        return V.Select(V.Less(x, smallest), default, p * V.PowerOfTwo(n));
    }

    /// <summary>1/(1 + e⁻ˣ) with a relative error below 4e-7 from −87 on, where it is 1.6e-38; it comes no nearer to 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x)
        where V : unmanaged, ISimd<V>
        => V.Create(1f) / (V.Create(1f) + Exp(default(V) - x));
}
