using Iced.Intel;
using Inkling.Kernels.Cpu.Emitted;
using Assembler = Inkling.Kernels.Cpu.Emitted.Assembler;
using Register = Inkling.Kernels.Cpu.Emitted.Register;

namespace Inkling.Tests.Kernels.Emitted;

/// <summary>What the assembler writes, read again by a disassembler of somebody else's.</summary>
public class AssemblerTests
{
    private static readonly Register[] Registers = Enum.GetValues<Register>();

    // Either side of every bit that a number's encoding is cut at.
    private static readonly int[] Vectors = [0, 1, 7, 8, 15, 16, 23, 24, 31];
    private static readonly int[] Masks = [1, 2, 3, 7];

    /// <summary>Every base and every index, every scale, and displacements that take one byte and more.</summary>
    private static IEnumerable<(Address Address, string Text)> Addresses
        => from @base in Registers
           from index in Registers.Cast<Register?>().Prepend(null)
           from scale in index is null ? [1] : new[] { 1, 2, 4, 8 }
           from displacement in new[] { 0, 0x40, 0x1000, -8 }
           let factor = index is null ? "" : scale == 1 ? $"+{Name(index.Value)}" : $"+{Name(index.Value)}*{scale}"
           let offset = displacement == 0 ? "" : displacement < 0 ? $"-{-displacement:x}" : $"+{displacement:x}"
           select (new Address(@base, index, scale, displacement), $"{Name(@base)}{factor}{offset}");

    [Fact]
    public void Vectors_are_loaded_and_stored_at_every_address()
    {
        foreach (var (address, text) in Addresses)
        {
            foreach (var vector in new[] { 0, 9, 18, 31 })
            {
                AssertReads(code => code.Load(vector, address), $"vmovups zmm{vector},[{text}]");
                AssertReads(code => code.Store(address, vector), $"vmovups [{text}],zmm{vector}");
                AssertReads(code => code.Broadcast(vector, address), $"vpbroadcastd zmm{vector},[{text}]");
            }
        }
    }

    [Fact]
    public void Masks_say_what_is_loaded_and_stored()
    {
        foreach (var (address, text) in Addresses)
        {
            foreach (var (mask, vector) in Masks.Zip([0, 15, 16, 31]))
            {
                AssertReads(code => code.LoadMasked(vector, mask, address), $"vmovups zmm{vector}{{k{mask}}}{{z}},[{text}]");
                AssertReads(code => code.StoreMasked(address, mask, vector), $"vmovups [{text}]{{k{mask}}},zmm{vector}");
            }
        }
    }

    [Fact]
    public void Three_vectors_are_told_apart()
    {
        foreach (var a in Vectors)
        {
            AssertReads(code => code.Clear(a), $"vpxord zmm{a},zmm{a},zmm{a}");
            foreach (var b in Vectors)
            {
                foreach (var c in Vectors)
                {
                    AssertReads(code => code.DotProduct(a, b, c), $"vdpbf16ps zmm{a},zmm{b},zmm{c}");
                    AssertReads(code => code.Round(a, b, c), $"vcvtne2ps2bf16 zmm{a},zmm{b},zmm{c}");
                    AssertReads(code => code.PermuteWords(a, b, c), $"vpermw zmm{a},zmm{b},zmm{c}");
                }

                foreach (var (address, text) in Addresses.Where((_, i) => i % 37 == 0))
                    AssertReads(code => code.Round(a, b, address), $"vcvtne2ps2bf16 zmm{a},zmm{b},[{text}]");
            }
        }
    }

    [Fact]
    public void Masks_come_from_general_registers()
    {
        foreach (var mask in Masks)
        {
            // An address of vectors can have the upper registers; this one instruction has no bit for them, and the generator gives it Rax.
            foreach (var source in Registers.Where(register => register < Register.R8))
                AssertReads(code => code.MoveMask(mask, source), $"kmovw k{mask},{Name(source).Replace('r', 'e')}");
        }
    }

    [Fact]
    public void General_registers_are_moved_counted_and_tested()
    {
        foreach (var a in Registers)
        {
            foreach (var (address, text) in Addresses)
            {
                AssertReads(code => code.Move(a, address), $"mov {Name(a)},[{text}]");
                AssertReads(code => code.LoadAddress(a, address), $"lea {Name(a)},[{text}]");
            }

            foreach (var b in Registers)
            {
                AssertReads(code => code.Move(a, b), $"mov {Name(a)},{Name(b)}");
                AssertReads(code => code.Add(a, b), $"add {Name(a)},{Name(b)}");
            }

            AssertReads(code => code.Add(a, 0x1234_5678), $"add {Name(a)},12345678");
            AssertReads(code => code.Add(a, 1), $"add {Name(a)},1");
            AssertReads(code => code.ShiftLeft(a, 2), $"shl {Name(a)},2");
            AssertReads(code => code.ShiftRight(a, 16), $"shr {Name(a)},10");
            AssertReads(code => code.Decrement(a), $"dec {Name(a)}");
            AssertReads(code => code.Test(a), $"test {Name(a)},{Name(a)}");
        }
    }

    [Fact]
    public void Jumps_land_where_they_should()
    {
        var code = new Assembler();
        var start = code.Position;
        code.Decrement(Register.Rax); // 0: three bytes
        var skip = code.JumpIfZero(); // 3: six bytes
        var over = code.Jump(); // 9: five bytes
        code.Land(skip); // 14
        code.Decrement(Register.R8); // 14: three bytes
        code.Land(over); // 17
        code.JumpIfNotZero(start);
        code.Return();
        Assert.Equal(["dec rax", "je 000000000000000e", "jmp 0000000000000011", "dec r8", "jne 0000000000000000", "vzeroupper", "ret"], Read(code));
    }

    [Fact]
    public void Gaps_are_breakpoints_up_to_the_next_64_bytes_and_data_stays_as_it_is()
    {
        var code = new Assembler();
        code.Align();
        Assert.Equal(0, code.Position);
        code.Data([1, 2, 3]);
        code.Align();
        Assert.Equal([1, 2, 3, .. Enumerable.Repeat((byte)0xCC, 61)], code.ToArray());
    }

    /// <summary>Everything the kernels run, from end to end: no byte that is no instruction, no jump out of a function, and no register that must be kept.</summary>
    [Fact]
    public void The_functions_are_whole_instructions_that_keep_what_the_caller_keeps()
    {
        for (var height = 1; height <= Bfloat16Code.TileRows; height++)
            AssertSound(code => Bfloat16Generator.Tile(code, height));

        AssertSound(Bfloat16Generator.Rows);
        AssertSound(Bfloat16Generator.Pairs);
        AssertSound(code => Bfloat16Generator.Peak(code, 24));
    }

    private static void AssertSound(Action<Assembler> generate)
    {
        var code = new Assembler();
        generate(code);
        var instructions = Decode(code.ToArray()).ToList();
        var starts = instructions.Select(instruction => instruction.IP).ToHashSet();
        var information = new InstructionInfoFactory();
        foreach (var instruction in instructions)
        {
            Assert.False(instruction.IsInvalid, $"at {instruction.IP} is no instruction");
            if (instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch)
                Assert.Contains(instruction.NearBranchTarget, starts);

            if (instruction.Mnemonic == Mnemonic.Ret)
                continue;

            foreach (var used in information.GetInfo(instruction).GetUsedRegisters())
            {
                var isKept = used.Register.GetFullRegister() is Iced.Intel.Register.RBX or Iced.Intel.Register.RBP or Iced.Intel.Register.RSP
                    or Iced.Intel.Register.R12 or Iced.Intel.Register.R13 or Iced.Intel.Register.R14 or Iced.Intel.Register.R15;
                Assert.False(isKept, $"{instruction} uses {used.Register}");
            }
        }

        Assert.Equal(Mnemonic.Ret, instructions[^1].Mnemonic);
    }

    private static void AssertReads(Action<Assembler> write, string expected)
    {
        var code = new Assembler();
        write(code);
        Assert.Equal(expected, Assert.Single(Read(code)));
    }

    private static IEnumerable<string> Read(Assembler code)
    {
        var formatter = new NasmFormatter();
        formatter.Options.HexSuffix = "";
        formatter.Options.UppercaseHex = false;
        formatter.Options.SmallHexNumbersInDecimal = false;
        formatter.Options.ShowBranchSize = false;
        formatter.Options.BranchLeadingZeros = true;
        formatter.Options.AddLeadingZeroToHexNumbers = false;
        formatter.Options.MemorySizeOptions = MemorySizeOptions.Never;
        foreach (var instruction in Decode(code.ToArray()))
        {
            var text = new StringOutput();
            formatter.Format(instruction, text);
            yield return text.ToStringAndReset();
        }
    }

    private static IEnumerable<Instruction> Decode(byte[] code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code), ip: 0);
        while (decoder.IP < (ulong)code.Length)
            yield return decoder.Decode();
    }

    private static string Name(Register register) => register.ToString().ToLowerInvariant();
}
