using System.Text;
using Inkling.Text.SentencePiece;
using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>Loads the models of SentencePiece. Kudo and Richardson, <i>SentencePiece</i>, 2018.</summary>
public static class SentencePieceTokenizer
{
    private const char Space = '\u2581'; // how pieces write it

    /// <summary>
    /// Reads a <c>.model</c> file of type unigram, bpe or char; the ids are those of <c>spm_encode</c>. Control pieces are special tokens. Of the two around a
    /// text, that at its beginning is added where the caller wants them (as Llama has it), or that at its end where the model has no beginning (as T5 has it).
    /// Rules for decoded text (<c>denormalizer_spec</c>) are not applied. A text of more than 64 KiB has its scores summed up anew from time to time.
    /// </summary>
    /// <param name="stream">Read to its end and left open.</param>
    /// <exception cref="TokenizerFormatException">The file is not such a model; the message says what and at which byte.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static PipelineTokenizer Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Create(SentencePieceFile.Read(stream));
    }

    /// <summary>Makes the tokenizer of a model.</summary>
    internal static PipelineTokenizer Create(SentencePieceFile file) => new(Create(file.Pieces, file));

    /// <summary>Puts together what a model does, but the ids around a text.</summary>
    internal static TokenizerPipeline CreatePipeline(PieceVocabulary vocabulary, SubwordModel model, SentencePieceRules rules, byte[] unknownSurface)
    {
        VocabularyPiece[] pieces = vocabulary.Pieces;
        byte[][] tokens = DecodingTable(pieces, unknownSurface);
        IEnumerable<int> ids = Enumerable.Range(0, pieces.Length);
        return new TokenizerPipeline
        {
            Tokens = tokens,
            Stages = [new SentencePieceNormalizer(rules)],
            NormalizerCount = 1,
            Model = model,
            Added = [.. ids.Where(id => pieces[id].Kind == PieceKind.Control).Select(id => new AddedToken(pieces[id].Text, id))],
            LeadingSpace = LeadingSpaceOf(rules),
            SpaceOwners = [.. ids.Where(id => tokens[id] is [(byte)' ', ..] && !(pieces[id].IsText && pieces[id].Text[0] == Space))],
        };
    }

    private static TokenizerPipeline Create(VocabularyPiece[] pieces, SentencePieceFile file)
    {
        var vocabulary = new PieceVocabulary(pieces, file.FallsBackToBytes);
        int begin = ControlId(pieces, file.BeginPiece), end = ControlId(pieces, file.EndPiece);
        return CreatePipeline(vocabulary, CreateModel(vocabulary, file.Kind), file.Rules, file.UnknownSurface) with
        {
            Prefix = begin == PieceVocabulary.None ? [] : [begin],
            Suffix = begin == PieceVocabulary.None && end != PieceVocabulary.None ? [end] : [],
        };
    }

    private static SubwordModel CreateModel(PieceVocabulary vocabulary, SentencePieceFile.ModelKind kind)
    {
        switch (kind)
        {
            case SentencePieceFile.ModelKind.Unigram:
                return new UnigramModel(vocabulary);
            case SentencePieceFile.ModelKind.Bpe:
                (Merge[] merges, IReadOnlyList<Rune> extraCharacters) = PieceMerges.Find(vocabulary.Pieces);
                return new CharacterPairModel(vocabulary, merges, new CharacterPairOptions { ExtraCharacters = extraCharacters });
            default:
                return new CharacterPairModel(vocabulary, merges: [], new CharacterPairOptions());
        }
    }

    private static int ControlId(VocabularyPiece[] pieces, string text) =>
        Array.FindIndex(pieces, piece => piece.Kind == PieceKind.Control && piece.Text == text);

    private static LeadingSpace LeadingSpaceOf(SentencePieceRules rules) =>
        rules.RemovesExtraSpaces ? LeadingSpace.EachTokenLosesIt : rules.AddsDummyPrefix ? LeadingSpace.FirstTokenLosesIt : LeadingSpace.Stays;

    private static byte[][] DecodingTable(VocabularyPiece[] pieces, byte[] unknownSurface) =>
        Array.ConvertAll(pieces, piece => piece.Kind switch
        {
            PieceKind.Control => [],
            PieceKind.Unknown => unknownSurface,
            PieceKind.Byte => [PieceVocabulary.TryReadByte(piece.Text)!.Value],
            _ => Encoding.UTF8.GetBytes(piece.Text.Replace(Space, ' ')),
        });
}
