using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace Inkling.Tests.Architecture;

/// <summary>Walks the instructions of a method body (ECMA-335, partition III).</summary>
internal static class IntermediateLanguage
{
    private const int TwoBytePrefix = 0xFE;

    private static readonly Dictionary<int, OperandType> OperandTypes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    /// <summary>The operands that name a type, a member or a stand-alone signature, in order.</summary>
    public static IReadOnlyList<int> Tokens(BlobReader instructions)
    {
        List<int> tokens = [];
        while (instructions.RemainingBytes > 0)
        {
            int code = instructions.ReadByte();
            if (code == TwoBytePrefix)
                code = code << 8 | instructions.ReadByte();

            switch (OperandTypes[code])
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    instructions.Offset += sizeof(byte);
                    break;
                case OperandType.InlineVar:
                    instructions.Offset += sizeof(short);
                    break;
                case OperandType.InlineBrTarget or OperandType.InlineI or OperandType.ShortInlineR or OperandType.InlineString:
                    instructions.Offset += sizeof(int);
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    instructions.Offset += sizeof(long);
                    break;
                case OperandType.InlineSwitch:
                    int targetCount = instructions.ReadInt32();
                    instructions.Offset += sizeof(int) * targetCount;
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineSig
                    or OperandType.InlineTok or OperandType.InlineType:
                    tokens.Add(instructions.ReadInt32());
                    break;
                default:
                    throw new BadImageFormatException($"Instruction 0x{code:X} has an unknown kind of operand.");
            }
        }

        return tokens;
    }
}
