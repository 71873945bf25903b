using System.Buffers.Binary;

namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>
/// Writes the few x86-64 instructions that the kernels need and C# cannot express. Vector registers are zmm0 to zmm31, mask registers k1 to k7.
/// Encodings as in Intel's "Software Developer's Manual", volume 2, sections 2.1 (REX), 2.3 (VEX) and 2.7 (EVEX).
/// </summary>
internal sealed class Assembler
{
    private readonly List<byte> _code = [];

    // Opcode maps and mandatory prefixes, as EVEX numbers them.
    private enum Map
    {
        Map0F = 1,
        Map0F38 = 2,
    }

    private enum Prefix
    {
        None = 0,
        P66 = 1,
        PF3 = 2,
        PF2 = 3,
    }

    /// <summary>Bytes so far: where the next instruction begins.</summary>
    public int Position => _code.Count;

    /// <summary>The code.</summary>
    public byte[] ToArray() => [.. _code];

    /// <summary>target ← 64 bytes.</summary>
    public void Load(int target, Address source) => Vector(Map.Map0F, Prefix.None, 0x10, target, 0, source, mask: 0, zeroes: false);

    /// <summary>target ← the lanes of 4 bytes whose mask bit is set; zero in the others, whose memory is not touched.</summary>
    public void LoadMasked(int target, int mask, Address source) => Vector(Map.Map0F, Prefix.None, 0x10, target, 0, source, mask, zeroes: true);

    /// <summary>64 bytes ← source.</summary>
    public void Store(Address target, int source) => Vector(Map.Map0F, Prefix.None, 0x11, source, 0, target, mask: 0, zeroes: false);

    /// <summary>Stores the lanes whose mask bit is set.</summary>
    public void StoreMasked(Address target, int mask, int source) => Vector(Map.Map0F, Prefix.None, 0x11, source, 0, target, mask, zeroes: false);

    /// <summary>Every lane ← one of 4 bytes.</summary>
    public void Broadcast(int target, Address source) => Vector(Map.Map0F38, Prefix.P66, 0x58, target, 0, source, mask: 0, zeroes: false);

    /// <summary>target ← 0.</summary>
    public void Clear(int target) => Vector(Map.Map0F, Prefix.P66, 0xEF, target, target, target);

    /// <summary>VDPBF16PS: every lane of the sum gains the products of two pairs of bfloat16, first that of the upper halves.</summary>
    public void DotProduct(int sum, int a, int b) => Vector(Map.Map0F38, Prefix.PF3, 0x52, sum, a, b);

    /// <summary>VCVTNE2PS2BF16: 32 bfloat16, those of <paramref name="low"/> first.</summary>
    public void Round(int target, int high, int low) => Vector(Map.Map0F38, Prefix.PF2, 0x72, target, high, low);

    /// <summary>VCVTNE2PS2BF16 with the lower half from memory.</summary>
    public void Round(int target, int high, Address low) => Vector(Map.Map0F38, Prefix.PF2, 0x72, target, high, low, mask: 0, zeroes: false);

    /// <summary>VPERMW: the words of a source in the order that <paramref name="order"/> gives.</summary>
    public void PermuteWords(int target, int order, int source) => Vector(Map.Map0F38, Prefix.P66, 0x8D, target, order, source, wide: true);

    /// <summary>The lowest 16 bits of a general register become a mask.</summary>
    public void MoveMask(int mask, Register source)
        => Emit(0xC4, (byte)(0xC1 | (((int)source >> 3) ^ 1) << 5), 0x78, 0x92, ModRegister(mask, (int)source));

    /// <summary>target ← 8 bytes.</summary>
    public void Move(Register target, Address source) => Wide(0x8B, (int)target, source);

    /// <summary>target ← source.</summary>
    public void Move(Register target, Register source) => Wide(0x8B, (int)target, (int)source);

    /// <summary>target ← the address itself.</summary>
    public void LoadAddress(Register target, Address source) => Wide(0x8D, (int)target, source);

    /// <summary>target += source.</summary>
    public void Add(Register target, Register source) => Wide(0x03, (int)target, (int)source);

    /// <summary>target += a constant.</summary>
    public void Add(Register target, int value)
    {
        Wide(0x81, 0, (int)target);
        Emit32(value);
    }

    /// <summary>target &lt;&lt;= count.</summary>
    public void ShiftLeft(Register target, byte count)
    {
        Wide(0xC1, 4, (int)target);
        Emit(count);
    }

    /// <summary>target &gt;&gt;= count, unsigned.</summary>
    public void ShiftRight(Register target, byte count)
    {
        Wide(0xC1, 5, (int)target);
        Emit(count);
    }

    /// <summary>target −= 1, which sets what the jumps ask.</summary>
    public void Decrement(Register target) => Wide(0xFF, 1, (int)target);

    /// <summary>Sets what the jumps ask by whether a register is zero.</summary>
    public void Test(Register register) => Wide(0x85, (int)register, (int)register);

    /// <summary>Back to a position unless the last result was zero.</summary>
    public void JumpIfNotZero(int position)
    {
        Emit(0x0F, 0x85);
        Emit32(position - (Position + 4));
    }

    /// <summary>Forward when the last result was zero; <see cref="Land"/> says to where.</summary>
    public int JumpIfZero()
    {
        Emit(0x0F, 0x84);
        Emit32(0);
        return Position;
    }

    /// <summary>Forward; <see cref="Land"/> says to where.</summary>
    public int Jump()
    {
        Emit(0xE9);
        Emit32(0);
        return Position;
    }

    /// <summary>A jump leads here.</summary>
    public void Land(int jump)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Position - jump);
        for (var i = 0; i < 4; i++)
        {
            _code[jump - 4 + i] = bytes[i];
        }
    }

    /// <summary>Clears the upper halves of the vector registers, as code that uses the older instructions expects, and returns.</summary>
    public void Return() => Emit(0xC5, 0xF8, 0x77, 0xC3);

    /// <summary>Bytes that are no instructions.</summary>
    public void Data(ReadOnlySpan<byte> bytes) => Emit(bytes);

    /// <summary>Fills up to a multiple of 64 bytes with breakpoints.</summary>
    public void Align()
    {
        while (Position % 64 != 0)
        {
            Emit(0xCC);
        }
    }

    private static byte ModRegister(int register, int other) => (byte)(0xC0 | ((register & 7) << 3) | (other & 7));

    private void Vector(Map map, Prefix prefix, byte opcode, int register, int second, int third, bool wide = false)
    {
        Evex(map, prefix, wide, register, second, third >> 4, third >> 3, mask: 0, zeroes: false);
        Emit(opcode, ModRegister(register, third));
    }

    private void Vector(Map map, Prefix prefix, byte opcode, int register, int second, Address address, int mask, bool zeroes)
    {
        Evex(map, prefix, wide: false, register, second, address.IndexNumber >> 3, (int)address.Base >> 3, mask, zeroes);
        Emit(opcode);
        Operand(register, address);
    }

    /// <summary>The four bytes before the opcode. Bits of register numbers are stored inverted; x and b extend index and base.</summary>
    private void Evex(Map map, Prefix prefix, bool wide, int register, int second, int x, int b, int mask, bool zeroes)
    {
        static int Inverted(int number, int bit) => ((number >> bit) & 1) ^ 1;
        Emit(
            0x62,
            (byte)((Inverted(register, 3) << 7) | (Inverted(x, 0) << 6) | (Inverted(b, 0) << 5) | (Inverted(register, 4) << 4) | (int)map),
            (byte)(((wide ? 1 : 0) << 7) | ((~second & 15) << 3) | 4 | (int)prefix),
            (byte)(((zeroes ? 1 : 0) << 7) | (2 << 5) | (Inverted(second, 4) << 3) | mask));
    }

    private void Wide(byte opcode, int register, int other)
        => Emit((byte)(0x48 | ((register >> 3) << 2) | (other >> 3)), opcode, ModRegister(register, other));

    private void Wide(byte opcode, int register, Address address)
    {
        Emit((byte)(0x48 | ((register >> 3) << 2) | (((address.IndexNumber >> 3) & 1) << 1) | ((int)address.Base >> 3)), opcode);
        Operand(register, address);
    }

    /// <summary>ModRM, SIB where there is an index, and a displacement of four bytes where there is one.</summary>
    private void Operand(int register, Address address)
    {
        var displaced = address.Displacement != 0 ? 0x80 : 0;
        var low = (int)address.Base & 7;
        if (address.Index is { } index)
        {
            Emit((byte)(displaced | ((register & 7) << 3) | 4), (byte)((int.Log2(address.Scale) << 6) | (((int)index & 7) << 3) | low));
        }
        else
        {
            Emit((byte)(displaced | ((register & 7) << 3) | low));
        }

        if (displaced != 0)
        {
            Emit32(address.Displacement);
        }
    }

    private void Emit(params ReadOnlySpan<byte> bytes) => _code.AddRange(bytes);

    private void Emit32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Emit(bytes);
    }
}
