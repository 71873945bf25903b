namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>The code for products of bfloat16, or why there is none.</summary>
internal sealed class Bfloat16Support : IDisposable
{
    private Bfloat16Support(Bfloat16Code? code, string? refusal) => (Code, Refusal) = (code, refusal);

    /// <summary>The code; null where operands are rounded and multiplied as floats.</summary>
    public Bfloat16Code? Code { get; }

    /// <summary>Why there is no code; null where there is.</summary>
    public string? Refusal { get; }

    /// <summary>How operands are packed.</summary>
    public OperandFormat Format => Code is null ? OperandFormat.Rounded : OperandFormat.Paired;

    /// <summary>
    /// Whether a moment's measurement finds the code clearly faster than multiply-adds of floats: some processors have its instruction and run it
    /// slowly.
    /// </summary>
    public bool IsFaster(InstructionSet set)
    {
        const double Clearly = 1.3;
        return Code is not null && CpuPeaks.Glance(Code) > Clearly * CpuPeaks.Glance(set);
    }

    /// <summary>Makes the code where options and machine allow it.</summary>
    public static Bfloat16Support Find(InstructionSet set, bool usesMachineCode)
    {
        var refusal = !usesMachineCode ? "machine code is switched off" : set != InstructionSet.Vector512 ? $"it goes with Vector512, not with {set}" : null;
        var code = refusal is null ? Bfloat16Code.TryCreate(out refusal) : null;
        return new Bfloat16Support(code, refusal);
    }

    public void Dispose() => Code?.Dispose();
}
