using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>
/// Products of bfloat16 with sums in float32, by an instruction (AVX512-BF16) for which .NET 10 has no method: machine code written when it is first
/// asked for and compared with plain C# on a small case. AMX and VNNI would be further generators beside <see cref="Bfloat16Generator"/>.
/// </summary>
internal sealed unsafe class Bfloat16Code : IDisposable
{
    /// <summary>Rows of the highest tile.</summary>
    public const int TileRows = 12;

    /// <summary>Columns of a tile: two vectors.</summary>
    public const int TileColumns = 32;

    // Sums that do not wait for each other; the instruction takes six cycles, and two units work at once (measured: Zen 5).
    private const int PeakChains = 24;

    /// <summary>Operations in a round of <see cref="Peak"/>: two for each of two terms in every lane.</summary>
    public const double PeakOperations = 2.0 * 2 * (TileColumns / 2) * PeakChains;

    private static readonly ushort[] AlternatingWords =
        [.. Enumerable.Range(0, TileColumns).Select(word => (ushort)((word / 2) + (word % 2 * (TileColumns / 2))))];

    private readonly MachineCode _code;

    private Bfloat16Code(Func<byte[], MachineCode> map)
    {
        var assembler = new Assembler();
        var tiles = new int[TileRows + 1];
        for (var height = 1; height <= TileRows; height++)
        {
            tiles[height] = Begin(assembler);
            Bfloat16Generator.Tile(assembler, height);
        }

        var rows = Begin(assembler);
        Bfloat16Generator.Rows(assembler);
        var pairs = Begin(assembler);
        Bfloat16Generator.Pairs(assembler);
        var panels = Begin(assembler);
        Bfloat16Generator.Panels(assembler);
        var peak = Begin(assembler);
        Bfloat16Generator.Peak(assembler, PeakChains);
        var order = Begin(assembler);
        assembler.Data(MemoryMarshal.AsBytes<ushort>(AlternatingWords));

        _code = map(assembler.ToArray());
        Peak = (delegate* unmanaged<long*, void>)_code[peak];
        Functions = (Bfloat16Functions*)NativeMemory.AllocZeroed((nuint)sizeof(Bfloat16Functions));
        for (var height = 1; height <= TileRows; height++)
        {
            Functions->SetTile(height, _code[tiles[height]]);
        }

        Functions->SetRounding(_code[rows], _code[pairs], _code[panels], _code[order]);
    }

    // The code has a finalizer of its own, and there is none where the system refused it.
    ~Bfloat16Code() => NativeMemory.Free(Functions);

    /// <summary>Runs as many rounds of independent dot products as it is told.</summary>
    public delegate* unmanaged<long*, void> Peak { get; }

    /// <summary>The functions, for as long as this is not disposed.</summary>
    public Bfloat16Functions* Functions { get; private set; }

    /// <summary>Makes the code, if this machine can run it.</summary>
    /// <param name="refusal">Why not, where the result is null.</param>
    /// <param name="map">What makes bytes executable, for tests.</param>
    public static Bfloat16Code? TryCreate(out string? refusal, Func<byte[], MachineCode>? map = null)
    {
        refusal = Refusal();
        if (refusal is not null)
        {
            return null;
        }

        try
        {
            var code = new Bfloat16Code(map ?? (bytes => new MachineCode(bytes)));
            refusal = Bfloat16Check.Difference(code.Functions);
            if (refusal is null)
            {
                return code;
            }

            code.Dispose();
        }
        catch (Exception error) when (error is Win32Exception or PlatformNotSupportedException)
        {
            refusal = $"the system refused to run machine code ({error.Message})";
        }

        return null;
    }

    public void Dispose()
    {
        NativeMemory.Free(Functions);
        Functions = null;
        _code.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string? Refusal()
        => !MachineCode.IsSupported ? "machine code is made for Linux on x86-64 only"
        : !Avx512BW.IsSupported || !HasInstruction ? "the processor has no AVX512-BF16"
        : null;

    // "Software Developer's Manual", volume 2, CPUID: leaf 7, sub-leaf 1, EAX bit 5.
    private static bool HasInstruction => X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    private static int Begin(Assembler assembler)
    {
        assembler.Align();
        return assembler.Position;
    }
}
