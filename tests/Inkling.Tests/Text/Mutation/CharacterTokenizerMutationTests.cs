using Inkling.Text;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

public sealed class CharacterTokenizerMutationTests(ITestOutputHelper log) : MutationTests(log)
{
    protected override byte[][] Samples { get; } =
        [.. new[] { "Hé\"\\\n\U0001F600", "a", "Hello, world! 123 e\u0301" }.Select(text => Save(CharacterTokenizer.Train(System.Text.Encoding.UTF8.GetBytes(text))))];

    protected override byte[][] Fragments { get; } =
        [.. "{ } [ ] \" , : null true \\ud800 \\u0000 \\ \"vocab\" \"a\":0, \uFEFF".Split(' ').Select(System.Text.Encoding.UTF8.GetBytes)];

    protected override Tokenizer Load(byte[] file) => CharacterTokenizer.Load(new MemoryStream(file));

    private static byte[] Save(CharacterTokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        tokenizer.Save(stream);
        return stream.ToArray();
    }
}
