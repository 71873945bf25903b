using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <summary>An activation over lanes; the loops around it are written once.</summary>
internal interface IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    /// <summary>f(x).</summary>
    static abstract V Value(V x);

    /// <summary>f′(x), and f(x), with which it shares its terms.</summary>
    static abstract V Slope(V x, out V value);
}

/// <summary>x.</summary>
internal readonly struct IdentityFunction<V> : IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope(V x, out V value)
    {
        value = x;
        return V.Create(1f);
    }
}

/// <summary>max(0, x), with slope 0 at 0.</summary>
internal readonly struct ReluFunction<V> : IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V x) => V.Max(x, default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope(V x, out V value)
    {
        value = Value(x);
        return V.Select(V.Less(default, x), V.Create(1f), default);
    }
}

/// <summary>max(0, x)².</summary>
internal readonly struct ReluSquaredFunction<V> : IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V x)
    {
        var positive = V.Max(x, default);
        return positive * positive;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope(V x, out V value)
    {
        var positive = V.Max(x, default);
        value = positive * positive;
        return positive + positive;
    }
}

/// <summary>
/// x·Φ(x), with the error function of Abramowitz and Stegun, formula 7.1.26 (absolute error below 1.5e-7). One exponential serves
/// value and slope, since e^(−(x/√2)²) is also the normal density up to its factor.
/// </summary>
internal readonly struct GeluFunction<V> : IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V x) => x * Distribution(x, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope(V x, out V value)
    {
        var distribution = Distribution(x, out var exponential);
        value = x * distribution;
        const float inverseRootTwoPi = 0.398942280f;
        return V.MultiplyAdd(x * V.Create(inverseRootTwoPi), exponential, distribution);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Distribution(V x, out V exponential)
    {
        var z = V.Abs(x) * V.Create(0.707106781f);
        exponential = Simd.Exp(default(V) - (z * z));
        var t = V.Create(1f) / V.MultiplyAdd(V.Create(0.3275911f), z, V.Create(1f));
        var p = V.MultiplyAdd(V.Create(1.061405429f), t, V.Create(-1.453152027f));
        p = V.MultiplyAdd(p, t, V.Create(1.421413741f));
        p = V.MultiplyAdd(p, t, V.Create(-0.284496736f));
        p = V.MultiplyAdd(p, t, V.Create(0.254829592f));

        // Φ(−|x|) = ½·erfc(z); the other half is its complement.
        var tail = V.Create(0.5f) * p * t * exponential;
        return V.Select(V.Less(x, default), tail, V.Create(1f) - tail);
    }
}

/// <summary>½x(1 + tanh u) = x·σ(2u) with u = √(2/π)(x + 0.044715x³), which takes one exponential.</summary>
internal readonly struct GeluTanhFunction<V> : IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    // 2·√(2/π), and the same times 0.044715.
    private const float Linear = 1.59576912f;
    private const float Cubic = 0.0713548163f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V x) => x * Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope(V x, out V value)
    {
        var s = Sigmoid(x);
        value = x * s;
        var inner = V.MultiplyAdd(V.Create(3f * Cubic) * x, x, V.Create(Linear));
        return V.MultiplyAdd(value * (V.Create(1f) - s), inner, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sigmoid(V x) => Simd.Sigmoid(x * V.MultiplyAdd(V.Create(Cubic) * x, x, V.Create(Linear)));
}

/// <summary>x·σ(x), with slope σ + xσ(1 − σ).</summary>
internal readonly struct SiluFunction<V> : IActivationFunction<V>
    where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V x) => x * Simd.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope(V x, out V value)
    {
        var s = Simd.Sigmoid(x);
        value = x * s;
        return V.MultiplyAdd(value, V.Create(1f) - s, s);
    }
}
