using System.Text;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text.Learning;

/// <summary>
/// Learns a byte-level byte-pair tokenizer from a text: the text is split into pieces, the different ones are counted, and the neighbours seen together
/// most often within pieces become tokens. Sennrich, Haddow and Birch, <i>Neural Machine Translation of Rare Words with Subword Units</i>, 2016.
/// </summary>
/// <remarks>
/// Of pairs seen equally often the one of the smaller left id is merged first, then that of the smaller right id. A pair whose bytes are a token already,
/// or spell a special token, or are more than 512, is passed over. The ids are those of the bytes, then those of the merges in their order, then the special tokens.
/// The text is bytes, which need not be UTF-8; an empty one is an error.
/// </remarks>
public sealed class BytePairTrainer : TokenizerTrainer
{
    private const int MergesPerReport = 64;

    private readonly BytePairTrainingOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public BytePairTrainer(BytePairTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    private protected override TrainedTokenizer Train(TextBlocks.Reader read, IProgress<TokenizerTrainingProgress>? progress, CancellationToken cancellation)
    {
        var pattern = SplitPattern.ByName(_options.Pattern);
        var blocks = new TextBlocks(read, pattern, BlockBytes, bytes => progress?.Report(new(TokenizerTrainingPhase.Reading, bytes, 0, 0)));
        (PieceTable pieces, long pieceCount) = PieceCounter.Count(blocks, pattern, _options.ThreadCount, cancellation);
        if (blocks.ByteCount == 0)
            throw new ArgumentException("Merges are learned from a text, but it is empty.");

        var learner = new MergeLearner(pieces, _options.MinimumPairCount, Reserved());
        int wanted = _options.VocabularySize - _options.SpecialTokens.Count;
        while (learner.Tokens.Count < wanted && learner.TryMerge())
        {
            cancellation.ThrowIfCancellationRequested();
            if (learner.Merges.Count % MergesPerReport == 0)
                Report(learner.Tokens.Count);
        }

        Report(learner.Tokens.Count + _options.SpecialTokens.Count);
        return new TrainedTokenizer(Build(learner, pattern), blocks.ByteCount, pieceCount, pieces.Count, learner.Tokens.Count == wanted);

        void Report(int count) =>
            progress?.Report(new(TokenizerTrainingPhase.Merging, blocks.ByteCount, count, (double)count / _options.VocabularySize));
    }

    /// <summary>What spells a special token, as bytes and as files write bytes: either would give one name to two tokens.</summary>
    private IEnumerable<byte[]> Reserved()
    {
        foreach (string token in _options.SpecialTokens)
        {
            yield return Encoding.UTF8.GetBytes(token);
            if (ByteAlphabet.TryRead(token) is { } bytes)
                yield return bytes;
        }
    }

    private PipelineTokenizer Build(MergeLearner learner, SplitPattern pattern)
    {
        int count = learner.Tokens.Count;
        byte[]?[] fromText = [.. learner.Tokens, .. new byte[]?[_options.SpecialTokens.Count]];
        Merge[] merges = new Merge[learner.Merges.Count];
        for (int rank = 0; rank < merges.Length; rank++)
            merges[rank] = new Merge(learner.Merges[rank].Left, learner.Merges[rank].Right, BytePairTrainingOptions.ByteCount + rank, rank);

        return new PipelineTokenizer(new TokenizerPipeline
        {
            Tokens = [.. learner.Tokens, .. _options.SpecialTokens.Select(Encoding.UTF8.GetBytes)],
            Stages = [pattern],
            Model = new BytePairModel(fromText, merges, takesWholePieces: false),
            Added = [.. _options.SpecialTokens.Select((token, index) => new AddedToken(token, count + index))],
        });
    }
}
