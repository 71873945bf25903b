using Inkling.Kernels;
using Inkling.Layers;
using Inkling.Tensors;

namespace Inkling.Models;

/// <summary>The layers that a configuration chooses; each adds its parameters to the model's.</summary>
/// <param name="config">The choice.</param>
/// <param name="parameters">Where the parameters live.</param>
/// <param name="positions">Fixed positions, from <see cref="Positions"/>; not owned.</param>
internal sealed class GptLayers(GptConfig config, ParameterStore parameters, PositionTable? positions)
{
    private bool HasBias => config.Biases != BiasPlacement.None;

    private double ResidualDeviation => config.InitialDeviation / (config.ScalesResidualInitialization ? Math.Sqrt(2 * config.LayerCount) : 1);

    /// <summary>What is computed and not learned of positions; null for nothing.</summary>
    public static PositionTable? Positions(GptConfig config, IKernels kernels) => config.Positions switch
    {
        PositionKind.Sinusoidal => PositionTable.Sinusoidal(kernels, config.ContextLength, config.Width),
        PositionKind.Rotary => PositionTable.Rotary(kernels, config.ContextLength, config.EffectiveHeadSize, config.RotaryBase),
        _ => null,
    };

    /// <summary>Tokens and positions to vectors.</summary>
    public Embedding Embedding() => new(parameters, new EmbeddingOptions
    {
        VocabularySize = config.VocabularySize,
        Width = config.Width,
        StandardDeviation = config.InitialDeviation,
        LearnedPositionCount = config.Positions == PositionKind.Learned ? config.ContextLength : 0,
        FixedPositions = config.Positions == PositionKind.Sinusoidal ? positions : null,
        Dropout = config.EmbeddingDropout,
    });

    /// <summary>A block, the layers of which are named after its number.</summary>
    public Block Block(int layer)
    {
        var attentionNorm = Norm($"h.{layer}.ln_1");
        var attention = Attention(layer);
        var feedForwardNorm = Norm($"h.{layer}.ln_2");
        var feedForward = FeedForward(layer);
        return config.NormPlacement == NormPlacement.Before
            ? new PreNormBlock(attentionNorm, attention, feedForwardNorm, feedForward)
            : new PostNormBlock(attention, attentionNorm, feedForward, feedForwardNorm);
    }

    private CausalSelfAttention Attention(int layer)
    {
        List<QueryKeyLayer> queryKeyLayers = [];
        if (config.QueryKeyNorm)
        {
            queryKeyLayers.Add(new QueryKeyNorm(parameters, layer, config.EffectiveHeadSize, config.NormEpsilon));
        }

        if (config.Positions == PositionKind.Rotary)
        {
            queryKeyLayers.Add(new Rotary(positions!));
        }

        return new CausalSelfAttention(parameters, layer, new CausalSelfAttentionOptions
        {
            Width = config.Width,
            HeadCount = config.HeadCount,
            KeyValueHeadCount = config.EffectiveKeyValueHeadCount,
            HeadSize = config.EffectiveHeadSize,
            Window = config.AttentionWindow,
            QueryKeyLayers = queryKeyLayers,
            HasQueryKeyValueBias = config.Biases == BiasPlacement.Everywhere,
            HasBias = HasBias,
            StandardDeviation = config.InitialDeviation,
            ProjectionStandardDeviation = ResidualDeviation,
            AttentionDropout = config.AttentionDropout,
            ResidualDropout = config.ResidualDropout,
        });
    }

    private FeedForward FeedForward(int layer)
    {
        var options = new FeedForwardOptions
        {
            Width = config.Width,
            HiddenWidth = config.EffectiveFeedForwardWidth,
            HasBias = HasBias,
            StandardDeviation = config.InitialDeviation,
            ProjectionStandardDeviation = ResidualDeviation,
            ResidualDropout = config.ResidualDropout,
        };
        return config.Activation.IsGated()
            ? new GatedFeedForward(parameters, layer, config.Activation.Function(), options)
            : new ActivatedFeedForward(parameters, layer, config.Activation.Function(), options);
    }

    /// <summary>A norm of all channels.</summary>
    public Module Norm(string name) => config.Norm switch
    {
        NormKind.RmsNorm => new RmsNorm(parameters, name, config.Width, config.NormEpsilon),
        _ => new LayerNorm(parameters, name, config.Width, HasBias, config.NormEpsilon),
    };
}
