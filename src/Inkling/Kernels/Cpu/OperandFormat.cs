namespace Inkling.Kernels.Cpu;

/// <summary>How the operands of a product are packed; a format is a struct beside it.</summary>
internal enum OperandFormat
{
    /// <summary><see cref="Float32Operands{V}"/>.</summary>
    Float32,

    /// <summary><see cref="RoundedOperands{V}"/>.</summary>
    Rounded,

    /// <summary><see cref="PairedOperands{V}"/>.</summary>
    Paired,
}
