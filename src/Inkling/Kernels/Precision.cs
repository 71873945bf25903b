namespace Inkling.Kernels;

/// <summary>Policy of the matrix products; sums and everything else are float32 (or double on the reference kernels).</summary>
public enum Precision
{
    /// <summary>Inputs as they are.</summary>
    Float32,
}
