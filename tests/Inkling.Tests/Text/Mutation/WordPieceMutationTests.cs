using System.Text;
using Inkling.Text;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

public sealed class WordPieceMutationTests(ITestOutputHelper log) : MutationTests(log)
{
    protected override byte[][] Samples { get; } =
        [Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n,\n!\nit\n'\ns\n12\n##34\n##5\n.\na\n##a\n墨\n水\n"), [.. "[UNK]\r\n[CLS]\r\n[SEP]\r\na"u8]];

    protected override byte[][] Fragments { get; } = [.. "\n|\r\n|##|[|]|[UNK]\n| |\0|\uFEFF|字".Split('|').Select(Encoding.UTF8.GetBytes)];

    protected override Tokenizer Load(byte[] file) => WordPieceTokenizer.Load(new MemoryStream(file));
}
