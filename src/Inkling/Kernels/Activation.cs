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

    /// <summary>max(0, x)² (So et al., "Primer", 2021).</summary>
    ReluSquared,

    /// <summary>x·σ(x), σ the logistic function (Elfwing et al., 2017); with a gate, SwiGLU (Shazeer, "GLU Variants Improve Transformer", 2020).</summary>
    Silu,
}
