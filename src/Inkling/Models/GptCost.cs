using Inkling.Tensors.Operations;

namespace Inkling.Models;

/// <summary>What a configuration costs: parameters, arithmetic and memory, from its shape alone.</summary>
/// <param name="Config">The shape.</param>
public sealed record GptCost(GptConfig Config)
{
    private long HeadWidth => (long)Config.HeadCount * Config.EffectiveHeadSize;

    /// <summary>Elements of all matrices that multiply activations, the head included (tied or not), the tables excluded.</summary>
    public long ProductWeights
        => (Config.LayerCount * ((4 * HeadWidth * Config.Width) + (2L * Config.Width * Config.EffectiveFeedForwardWidth)))
        + ((long)Config.VocabularySize * Config.Width);

    /// <summary>Trainable numbers, each tied matrix once.</summary>
    public long ParameterCount
    {
        get
        {
            long width = Config.Width, layers = Config.LayerCount;
            var tables = (Config.VocabularySize + (long)Config.ContextLength) * width;
            var head = Config.Head == HeadKind.Tied ? 0 : Config.VocabularySize * width;
            var blocks = ProductWeights - (Config.VocabularySize * width);
            var gains = ((2 * layers) + 1) * width;
            var otherBiases = Config.Biases == BiasPlacement.None
                ? 0
                : gains + (layers * (width + Config.EffectiveFeedForwardWidth + width));
            var queryBiases = Config.Biases == BiasPlacement.Everywhere ? layers * 3 * HeadWidth : 0;
            var headBias = Config.Head == HeadKind.UntiedWithBias ? Config.VocabularySize : 0;
            return tables + head + blocks + gains + otherBiases + queryBiases + headBias;
        }
    }

    /// <summary>Floating-point operations of a training step per token: 6·N + 12·L·H·D·T, both halves of the attention counted.</summary>
    public double TrainingFlopsPerToken(int contextLength)
        => (6.0 * ProductWeights) + (12.0 * Config.LayerCount * HeadWidth * contextLength);

    /// <summary>Floating-point operations of a forward pass per token: a third of a training step.</summary>
    public double ForwardFlopsPerToken(int contextLength) => TrainingFlopsPerToken(contextLength) / 3;

    /// <summary>Bytes of keys and values in float32 that a token leaves in the cache.</summary>
    public long CacheBytesPerToken => 2L * Config.LayerCount * HeadWidth * sizeof(float);

    /// <summary>Bytes of the parameters in float32.</summary>
    public long ParameterBytes => ParameterCount * sizeof(float);

    /// <summary>
    /// Roughly the bytes of training: values, gradients, two moments, two packed copies of each matrix, and what a pass keeps for its gradients.
    /// </summary>
    /// <param name="sequences">Sequences that go through the model at once.</param>
    public double TrainingBytes(int sequences)
    {
        var perToken = Config.LayerCount * ((8.0 * Config.Width) + (6.0 * HeadWidth) + (3.0 * Config.EffectiveFeedForwardWidth));
        var tokens = (double)sequences * Config.ContextLength;
        return sizeof(float) * ((4.0 * ParameterCount) + (2.0 * ProductWeights) + (perToken * tokens) + LogitsAtOnce(tokens));
    }

    /// <summary>Roughly the bytes of generation: values, a packed copy of each matrix, the cache, and one pass.</summary>
    public double GenerationBytes
        => (sizeof(float) * ((double)ParameterCount + ProductWeights + LogitsAtOnce(Config.ContextLength)))
        + ((double)CacheBytesPerToken * Config.ContextLength);

    private double LogitsAtOnce(double tokens) => Config.VocabularySize * Math.Min(tokens, Operation.HeadChunkRows(Config.VocabularySize));
}
