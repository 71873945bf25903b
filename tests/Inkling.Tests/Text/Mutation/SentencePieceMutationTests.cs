using System.Text;
using Inkling.Tests.Text.Normalization;
using Inkling.Tests.Text.SentencePiece;
using Inkling.Tests.Text.Subwords;
using Inkling.Text;
using Inkling.Text.Subwords;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

public sealed class SentencePieceMutationTests(ITestOutputHelper log) : MutationTests(log)
{
    private static readonly byte[] Trainer = new ModelWriter().Flag(24, false).Flag(35, true).Bytes(44, " ?? "u8.ToArray()).Bytes(46, "<s>"u8.ToArray()).ToArray();

    private static readonly byte[] Normalizer =
        new ModelWriter().Flag(3, true).Flag(4, true).Flag(5, true).Bytes(2, CharsMapWriter.Write(("A", "a"), ("ﬁ", "fi"))).ToArray();

    private static readonly VocabularyPiece[] Vocabulary =
    [
        new("▁", -3, PieceKind.Normal), new("b", -2, PieceKind.Normal), new("▁a", -2.5f, PieceKind.Normal), new("a", -1, PieceKind.Normal),
        new("ab", -2, PieceKind.Unused), new("<x>", 0, PieceKind.UserDefined), .. Pieces.Bytes,
    ];

    // Unigram, BPE, and single characters.
    protected override byte[][] Samples { get; } = [.. new[] { 1, 2, 4 }.Select(type => ModelWriter.Model(type, Vocabulary, Trainer, Normalizer))];

    protected override byte[][] Fragments { get; } =
        [[0x0A], [0x12], [0x1A], [0x80, 0x80, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x15, 0, 0, 0xC0, 0x7F], ModelWriter.Piece("▁b"), [.. Encoding.UTF8.GetBytes("<0xFF>")]];

    protected override Tokenizer Load(byte[] file) => SentencePieceTokenizer.Load(new MemoryStream(file));
}
