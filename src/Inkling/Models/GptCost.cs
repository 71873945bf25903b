namespace Inkling.Models;

/// <summary>What a configuration costs: parameters, arithmetic and memory, from its shape alone.</summary>
/// <param name="Config">The shape.</param>
public sealed record GptCost(GptConfig Config)
{
    private long HeadWidth => (long)Config.HeadCount * Config.EffectiveHeadSize;

    private long KeyWidth => (long)Config.EffectiveKeyValueHeadCount * Config.EffectiveHeadSize;

    /// <summary>Columns of the packed queries, keys and values.</summary>
    private long PackedWidth => HeadWidth + (2 * KeyWidth);

    /// <summary>Columns of a feed-forward layer's first product: with a gate there are two side by side.</summary>
    private long UpWidth => (Config.Activation.IsGated() ? 2L : 1) * Config.EffectiveFeedForwardWidth;

    /// <summary>Elements of the matrices of all attention layers.</summary>
    public long AttentionWeights => (long)Config.LayerCount * Config.Width * (PackedWidth + HeadWidth);

    /// <summary>Elements of the matrices of all feed-forward layers.</summary>
    public long FeedForwardWeights => (long)Config.LayerCount * Config.Width * (UpWidth + Config.EffectiveFeedForwardWidth);

    /// <summary>Elements of the head's matrix, tied or not.</summary>
    public long HeadWeights => (long)Config.VocabularySize * Config.Width;

    /// <summary>Elements of all matrices that multiply activations, the head included (tied or not), the tables excluded.</summary>
    public long ProductWeights => AttentionWeights + FeedForwardWeights + HeadWeights;

    /// <summary>Elements of the tables of tokens and of learned positions.</summary>
    public long TableWeights => HeadWeights + (Config.Positions == PositionKind.Learned ? (long)Config.ContextLength * Config.Width : 0);

    /// <summary>Gains of all norms, and their biases.</summary>
    public long NormParameters
    {
        get
        {
            var gains = ((2L * Config.LayerCount) + 1) * Config.Width;
            var biases = Config.Norm == NormKind.LayerNorm && Config.Biases != BiasPlacement.None ? gains : 0;
            return gains + biases + (Config.QueryKeyNorm ? 2L * Config.LayerCount * Config.EffectiveHeadSize : 0);
        }
    }

    /// <summary>Biases of all linear layers, the head's included.</summary>
    public long LinearBiases
    {
        get
        {
            var queries = Config.Biases == BiasPlacement.Everywhere ? PackedWidth : 0;
            var others = Config.Biases == BiasPlacement.None ? 0 : Config.Width + UpWidth + Config.Width;
            return (Config.LayerCount * (queries + others)) + (Config.Head == HeadKind.UntiedWithBias ? Config.VocabularySize : 0);
        }
    }

    /// <summary>Trainable numbers, each tied matrix once.</summary>
    public long ParameterCount
        => TableWeights + AttentionWeights + FeedForwardWeights + (Config.Head == HeadKind.Tied ? 0 : HeadWeights) + NormParameters + LinearBiases;

    /// <summary>
    /// Floating-point operations of a training step per token: 6·N + 12·L·H·D·T, both halves of the attention counted. A window W
    /// makes 2·W − W²/T of T: twice the tokens that a token sees on average.
    /// </summary>
    public double TrainingFlopsPerToken(int contextLength)
    {
        var window = Config.AttentionWindow == 0 ? contextLength : Math.Min(contextLength, Config.AttentionWindow);
        var seen = (2.0 * window) - ((double)window * window / contextLength);
        return (6.0 * ProductWeights) + (12.0 * Config.LayerCount * HeadWidth * seen);
    }

    /// <summary>Floating-point operations of a forward pass per token: a third of a training step.</summary>
    public double ForwardFlopsPerToken(int contextLength) => TrainingFlopsPerToken(contextLength) / 3;

    /// <summary>
    /// Floating-point operations per token that a training step has more when it computes the blocks again instead of keeping what
    /// is in them: their forward pass once more, without the head.
    /// </summary>
    public double RecomputeFlopsPerToken(int contextLength) => ForwardFlopsPerToken(contextLength) - (2.0 * HeadWeights);

    /// <summary>Bytes of keys and values in float32 that a token leaves in the cache.</summary>
    public long CacheBytesPerToken => 2L * Config.LayerCount * KeyWidth * sizeof(float);

    /// <summary>Bytes of the parameters in float32.</summary>
    public long ParameterBytes => ParameterCount * sizeof(float);

    /// <summary>Roughly the bytes of generation: values, a packed copy of each matrix, and the cache.</summary>
    public double GenerationBytes
        => (sizeof(float) * ((double)ParameterCount + ProductWeights + FixedPositions))
        + ((double)CacheBytesPerToken * Config.ContextLength);

    /// <summary>Elements of a table of positions that is computed and not learned.</summary>
    private double FixedPositions => Config.Positions switch
    {
        PositionKind.Sinusoidal => (double)Config.ContextLength * Config.Width,
        PositionKind.Rotary => (double)Config.ContextLength * Config.EffectiveHeadSize,
        _ => 0,
    };
}
