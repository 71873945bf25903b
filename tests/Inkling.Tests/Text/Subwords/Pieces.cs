using System.Text;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.Subwords;

/// <summary>Makes vocabularies and tokenizers of a model alone.</summary>
internal static class Pieces
{
    /// <summary>The unknown piece, then these, all normal.</summary>
    public static VocabularyPiece[] WithUnknown(params (string Text, float Score)[] pieces) =>
        [new("<unk>", 0, PieceKind.Unknown), .. pieces.Select(piece => new VocabularyPiece(piece.Text, piece.Score, PieceKind.Normal))];

    /// <summary>Pieces for all 256 bytes.</summary>
    public static IEnumerable<VocabularyPiece> Bytes { get; } =
        [.. Enumerable.Range(0, 256).Select(value => new VocabularyPiece($"<0x{value:X2}>", 0, PieceKind.Byte))];

    /// <summary>A tokenizer without normalisers or splitters.</summary>
    public static PipelineTokenizer Tokenizer(SubwordModel model, IEnumerable<VocabularyPiece> pieces, params TextStage[] stages) =>
        new(new TokenizerPipeline { Tokens = [.. pieces.Select(piece => Encoding.UTF8.GetBytes(piece.Text))], Stages = stages, Model = model });

    /// <summary>The texts that tokens stand for, with • between them.</summary>
    public static string Show(Tokenizer tokenizer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return string.Join('•', tokenizer.EncodeWithOffsets(utf8).Select(span => Encoding.UTF8.GetString(utf8, span.Start, span.Length)));
    }
}
