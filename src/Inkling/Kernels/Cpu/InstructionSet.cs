namespace Inkling.Kernels.Cpu;

/// <summary>Width of the vectors that the CPU kernels use.</summary>
public enum InstructionSet
{
    /// <summary>The widest that the processor runs in hardware.</summary>
    Automatic,

    /// <summary>Four lanes: SSE or NEON.</summary>
    Vector128,

    /// <summary>Eight lanes: AVX2.</summary>
    Vector256,

    /// <summary>Sixteen lanes: AVX-512.</summary>
    Vector512,
}
