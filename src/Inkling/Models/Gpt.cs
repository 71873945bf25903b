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
    /// <param name="config">Shape of the model.</param>
    /// <param name="kernels">What computes.</param>
    /// <param name="precision">Of the products; parameters are float32 in any case.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public Gpt(GptConfig config, IKernels kernels, Precision precision = Precision.Float32)
    {
        config.Validate();
        Config = config;
        Parameters = new ParameterStore(kernels, precision);

        _positions = GptLayers.Positions(config, kernels);
        var layers = new GptLayers(config, Parameters, _positions);
        _embedding = layers.Embedding();
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(layers.Block)];
        _finalNorm = layers.Norm("ln_f");
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
            x = step.Recomputes && cache is null
                ? Operation.Recompute(step, x, _blocks[layer], batch) // (B, T, C)
                : _blocks[layer].Forward(step, x, batch, cache); // (B, T, C)
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
}
