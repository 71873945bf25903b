namespace Inkling.Kernels;

/// <summary>Nonlinear function applied to each element.</summary>
public enum Activation
{
    /// <summary>The identity.</summary>
    None,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x·Φ(x), Φ the normal distribution function: ½x(1 + erf(x/√2)) (Hendrycks and Gimpel, 2016).</summary>
    Gelu,

    /// <summary>The tanh approximation that GPT-2 was trained with: ½x(1 + tanh(√(2/π)(x + 0.044715x³))).</summary>
    GeluTanh,
}
