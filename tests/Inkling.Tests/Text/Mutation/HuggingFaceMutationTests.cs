using System.Text;
using Inkling.Tests.Text.HuggingFace;
using Inkling.Text;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

public sealed class HuggingFaceMutationTests(ITestOutputHelper log) : MutationTests(log)
{
    protected override byte[][] Samples { get; } =
        [TokenizerFile.OfBytes().ToBytes(), TokenizerFile.OfCharacters().ToBytes(), TokenizerFile.OfScores().ToBytes(), TokenizerFile.OfWords("a", "##b", "ab").ToBytes()];

    protected override byte[][] Fragments { get; } =
        [.. "{ } [ ] \" , : null true -1 1e9 \\ud800 \"vocab\" \"Sequence\" \"Regex\" (a+)+ \"type\":\"NFKC\" 字".Split(' ').Select(Encoding.UTF8.GetBytes)];

    // What loads is saved, and what was saved encodes as before.
    protected override Tokenizer Load(byte[] file)
    {
        Tokenizer tokenizer = TokenizerFile.Load(file);
        Assert.Equal(TryEncode(tokenizer), TryEncode(TokenizerFile.Load(TokenizerFile.Save(tokenizer))));
        return tokenizer;
    }

    private static int[] TryEncode(Tokenizer tokenizer)
    {
        try
        {
            return tokenizer.Encode("ab Hello, hell ab é字\n<s> [UNK]", SpecialTokenUse.Add | SpecialTokenUse.Recognize);
        }
        catch (UnknownCharacterException)
        {
            return [];
        }
    }
}
