using System.Text;
using Inkling.Text;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

public sealed class TiktokenFileMutationTests(ITestOutputHelper log) : MutationTests(log)
{
    protected override byte[][] Samples { get; } = [Vocabulary(), Vocabulary("He", "ll", "Hell", "lo", "Hello", " w", "aa", "aaaa")];

    protected override byte[][] Fragments { get; } = [.. "|\n|\r\n| |=|==|IQ==|IQ== 0\n| 256\n|YQ== 97\n".Split('|').Select(Encoding.UTF8.GetBytes)];

    protected override Tokenizer Load(byte[] file) => TiktokenFile.Load(new MemoryStream(file));

    private static byte[] Vocabulary(params string[] tokens)
    {
        byte[][] all = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. tokens.Select(Encoding.UTF8.GetBytes)];
        return Encoding.UTF8.GetBytes(string.Concat(all.Select((token, rank) => $"{Convert.ToBase64String(token)} {rank}\n")));
    }
}
