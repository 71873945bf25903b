using System.Runtime.Intrinsics.X86;

namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>The code for products of bfloat16, or why there is none.</summary>
internal sealed class Bfloat16Support : IDisposable
{
    // The vendor's name as CPUID gives it, "AuthenticAMD".
    private const int Auth = 0x68747541;
    private const int Enti = 0x69746E65;
    private const int Camd = 0x444D4163;

    private Bfloat16Support(Bfloat16Code? code, string? refusal) => (Code, Refusal) = (code, refusal);

    /// <summary>The code; null where operands are rounded and multiplied as floats.</summary>
    public Bfloat16Code? Code { get; }

    /// <summary>Why there is no code; null where there is.</summary>
    public string? Refusal { get; }

    /// <summary>How operands are packed.</summary>
    public OperandFormat Format => Code is null ? OperandFormat.Rounded : OperandFormat.Paired;

    /// <summary>
    /// Whether the code is faster than multiply-adds of floats. AMD's processors take half the time (measured: Zen 4, Zen 5), Intel's have the instruction but
    /// take twice as long (tpp-mlir, pull request 1025: Sapphire and Emerald Rapids). Nothing is measured here: what a run computes with must not depend on how
    /// busy the machine is.
    /// </summary>
    public bool IsFaster => Code is not null && X86Base.CpuId(0, 0) is { Ebx: Auth, Edx: Enti, Ecx: Camd };

    /// <summary>Makes the code where options and machine allow it.</summary>
    public static Bfloat16Support Find(InstructionSet set, bool usesMachineCode)
    {
        var refusal = !usesMachineCode ? "machine code is switched off" : set != InstructionSet.Vector512 ? $"it goes with Vector512, not with {set}" : null;
        var code = refusal is null ? Bfloat16Code.TryCreate(out refusal) : null;
        return new Bfloat16Support(code, refusal);
    }

    public void Dispose() => Code?.Dispose();
}
