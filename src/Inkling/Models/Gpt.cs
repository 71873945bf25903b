using Inkling.Kernels;
using Inkling.Layers;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Models;

/// <summary>A GPT: tokens in, scores of the next token out. The whole model is on this page.</summary>
public sealed class Gpt : IDisposable
{
    private readonly PositionTable? _positions;
    private readonly Embedding _embedding;
    private readonly Block[] _blocks;
    private readonly Module _finalNorm;
    private readonly Parameter _head;
    private readonly Parameter? _headBias;

    /// <summary>Lays out the parameters; their values are zero until initialised or loaded.</summary>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public Gpt(GptConfig config, IKernels kernels)
    {
        config.Validate();
        Config = config;
        Parameters = new ParameterStore(kernels);

        _positions = CreatePositions();
        _embedding = new Embedding(Parameters, new EmbeddingOptions
        {
            VocabularySize = config.VocabularySize,
            Width = config.Width,
            StandardDeviation = config.InitialDeviation,
            LearnedPositionCount = config.Positions == PositionKind.Learned ? config.ContextLength : 0,
            FixedPositions = config.Positions == PositionKind.Sinusoidal ? _positions : null,
            Dropout = config.EmbeddingDropout,
        });
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(CreateBlock)];
        _finalNorm = CreateNorm("ln_f");
        _head = config.Head == HeadKind.Tied ? _embedding.Tokens : Parameters.Add(new ParameterDescription
        {
            Name = "lm_head.weight",
            Rows = config.VocabularySize,
            Columns = config.Width,
            Layout = WeightLayout.OutputByInput,
            Initialization = Initialization.Normal(config.InitialDeviation),
            Decays = true,
        });
        _headBias = config.Head == HeadKind.UntiedWithBias
            ? Parameters.AddVector("lm_head.bias", config.VocabularySize, Initialization.Zero)
            : null;
    }

    /// <summary>Shape of the model.</summary>
    public GptConfig Config { get; }

    /// <summary>The trainable parameters.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>From tokens to the last hidden states: the same pass for training, prefill and decoding.</summary>
    /// <param name="step">What the pass may depend on.</param>
    /// <param name="batch">Tokens and positions (B, T).</param>
    /// <param name="cache">Keys and values of the tokens before these; theirs are added.</param>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, TokenBatch batch, KeyValueCache? cache = null)
    {
        var mark = step.Arena.Mark();
        var x = _embedding.Forward(step, batch); // (B, T, C)
        step.Probe?.Observe("embedding", x);
        for (var layer = 0; layer < _blocks.Length; layer++)
        {
            x = _blocks[layer].Forward(step, x, batch, cache); // (B, T, C)
            step.Probe?.Observe($"h.{layer}.output", x);
            if (step.Tape is null)
            {
                // Nothing is kept for gradients: every block works in the same memory.
                x = step.Arena.ReleaseExcept(mark, x);
            }
        }

        cache?.Advance(batch.Time);
        return _finalNorm.Forward(step, x); // (B, T, C)
    }

    /// <summary>Scores of every token of the vocabulary.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="hidden">Hidden states (B, T, C).</param>
    /// <returns>(B, T, V).</returns>
    public Tensor Logits(Step step, Tensor hidden) => Operation.Linear(step, hidden, _head, _headBias); // (B, T, V)

    /// <summary>
    /// What the model would say if it ended after a block: final norm and head on any state of the residual stream ("logit lens",
    /// nostalgebraist 2020). For the last block's these are the model's logits.
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">Output of the embedding or of a block, (B, T, C).</param>
    /// <returns>(B, T, V).</returns>
    public Tensor ReadOut(Step step, Tensor x) => Logits(step, _finalNorm.Forward(step, x)); // (B, T, V)

    /// <summary>Cross entropy of each token; see <see cref="Operation.HeadLoss"/>.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="hidden">Hidden states (B, T, C).</param>
    /// <param name="targets">Next tokens (B·T, 1), −1 for those that do not count.</param>
    /// <param name="weights">What each token counts, (B·T, 1).</param>
    /// <param name="losses">Receives the weighted losses in nats, (B·T, 1).</param>
    public void Loss(Step step, Tensor hidden, MatrixView targets, MatrixView weights, MatrixView losses)
        => Operation.HeadLoss(step, hidden, _head, _headBias, targets, weights, losses);

    /// <summary>An empty cache that fits the model.</summary>
    public KeyValueCache CreateCache(int batchSize = 1) => new(
        Parameters.Kernels, Config.LayerCount, batchSize, Config.ContextLength, Config.EffectiveKeyValueHeadCount * Config.EffectiveHeadSize);

    /// <inheritdoc/>
    public void Dispose()
    {
        _positions?.Dispose();
        Parameters.Dispose();
    }

    private PositionTable? CreatePositions() => Config.Positions switch
    {
        PositionKind.Sinusoidal => PositionTable.Sinusoidal(Parameters.Kernels, Config.ContextLength, Config.Width),
        PositionKind.Rotary => PositionTable.Rotary(Parameters.Kernels, Config.ContextLength, Config.EffectiveHeadSize, Config.RotaryBase),
        _ => null,
    };

    private Block CreateBlock(int layer)
    {
        var attentionNorm = CreateNorm($"h.{layer}.ln_1");
        var attention = CreateAttention(layer);
        var feedForwardNorm = CreateNorm($"h.{layer}.ln_2");
        var feedForward = CreateFeedForward(layer);
        return Config.NormPlacement == NormPlacement.Before
            ? new PreNormBlock(attentionNorm, attention, feedForwardNorm, feedForward)
            : new PostNormBlock(attention, attentionNorm, feedForward, feedForwardNorm);
    }

    private CausalSelfAttention CreateAttention(int layer)
    {
        List<QueryKeyLayer> queryKeyLayers = [];
        if (Config.QueryKeyNorm)
        {
            queryKeyLayers.Add(new QueryKeyNorm(Parameters, layer, Config.EffectiveHeadSize, Config.NormEpsilon));
        }

        if (Config.Positions == PositionKind.Rotary)
        {
            queryKeyLayers.Add(new Rotary(_positions!));
        }

        return new CausalSelfAttention(Parameters, layer, new CausalSelfAttentionOptions
        {
            Width = Config.Width,
            HeadCount = Config.HeadCount,
            KeyValueHeadCount = Config.EffectiveKeyValueHeadCount,
            HeadSize = Config.EffectiveHeadSize,
            Window = Config.AttentionWindow,
            QueryKeyLayers = queryKeyLayers,
            HasQueryKeyValueBias = Config.Biases == BiasPlacement.Everywhere,
            HasBias = HasBias,
            StandardDeviation = Config.InitialDeviation,
            ProjectionStandardDeviation = ResidualDeviation,
            AttentionDropout = Config.AttentionDropout,
            ResidualDropout = Config.ResidualDropout,
        });
    }

    private FeedForward CreateFeedForward(int layer)
    {
        var options = new FeedForwardOptions
        {
            Width = Config.Width,
            HiddenWidth = Config.EffectiveFeedForwardWidth,
            HasBias = HasBias,
            StandardDeviation = Config.InitialDeviation,
            ProjectionStandardDeviation = ResidualDeviation,
            ResidualDropout = Config.ResidualDropout,
        };
        return Config.Activation.IsGated()
            ? new GatedFeedForward(Parameters, layer, Config.Activation.Activation(), options)
            : new ActivatedFeedForward(Parameters, layer, Config.Activation.Activation(), options);
    }

    private Module CreateNorm(string name) => Config.Norm switch
    {
        NormKind.RmsNorm => new RmsNorm(Parameters, name, Config.Width, Config.NormEpsilon),
        _ => new LayerNorm(Parameters, name, Config.Width, HasBias, Config.NormEpsilon),
    };

    private bool HasBias => Config.Biases != BiasPlacement.None;

    private double ResidualDeviation => Config.InitialDeviation / (Config.ScalesResidualInitialization ? Math.Sqrt(2 * Config.LayerCount) : 1);
}
