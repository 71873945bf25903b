namespace Inkling.Kernels;

/// <summary>Policy of the matrix products, those of attention included. Sums, and everything between products, are float32 (or double on the reference kernels).</summary>
public enum Precision
{
    /// <summary>Inputs as they are.</summary>
    Float32,

    /// <summary>
    /// Inputs rounded to <see cref="Inkling.Kernels.Bfloat16"/> on the way into a product. Each sum is one chain of fused multiply-adds, in which the second of every two
    /// neighbouring terms comes first: the order of the instructions that processors have for it.
    /// </summary>
    Bfloat16,

    /// <summary>The faster of the two on the kernels at hand, see <see cref="IKernels.FastestPrecision"/>; a request, which nothing computes with.</summary>
    Auto,
}
