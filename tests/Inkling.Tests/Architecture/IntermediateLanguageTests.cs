using System.Reflection.Metadata;

namespace Inkling.Tests.Architecture;

public sealed class IntermediateLanguageTests
{
    [Theory]
    // nop; call 0A000001
    [InlineData(new byte[] { 0x00, 0x28, 1, 0, 0, 0x0A }, new[] { 0x0A000001 })]
    // switch with two targets whose bytes look like calls; newobj 06000002
    [InlineData(new byte[] { 0x45, 2, 0, 0, 0, 0x28, 0x28, 0x28, 0x28, 0x28, 0x28, 0x28, 0x28, 0x73, 2, 0, 0, 6 }, new[] { 0x06000002 })]
    // ldc.i8 and ldstr, whose operands are no tokens of interest; ldtoken 02000003; ret
    [InlineData(new byte[] { 0x21, 0x28, 0x28, 0x28, 0x28, 0x28, 0x28, 0x28, 0x28, 0x72, 0x28, 0, 0, 0x70, 0xD0, 3, 0, 0, 2, 0x2A }, new[] { 0x02000003 })]
    // br.s, ldarg (two bytes of opcode, two of operand), sizeof 1B000004
    [InlineData(new byte[] { 0x2B, 0x28, 0xFE, 0x09, 0x28, 0x28, 0xFE, 0x1C, 4, 0, 0, 0x1B }, new[] { 0x1B000004 })]
    public unsafe void Tokens_are_found_between_operands_that_look_like_instructions(byte[] instructions, int[] expected)
    {
        fixed (byte* start = instructions)
            Assert.Equal(expected, IntermediateLanguage.Tokens(new BlobReader(start, instructions.Length)));
    }
}
