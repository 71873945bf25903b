using Inkling.Kernels;
using Inkling.Layers;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Generation.Explaining;

/// <summary>
/// The path of a text through a model with all its numbers: vectors, attention, the residual stream after each block, what each
/// block would predict, and how the next token is chosen. Made to be looked at; a generator is what is fast.
/// </summary>
public sealed record Explanation
{
    // The logits of this many positions at once: enough to share the work of reading the head, few enough for a large vocabulary.
    private const int LensRows = 32;

    /// <summary>The tokens that the model saw (T), at most its context length.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>How they became vectors.</summary>
    public required EmbeddingExplanation Embedding { get; init; }

    /// <summary>The blocks in order (L).</summary>
    public required IReadOnlyList<LayerExplanation> Layers { get; init; }

    /// <summary>What follows the last token.</summary>
    public required NextTokenExplanation Next { get; init; }

    /// <summary>Sends a text through a model and keeps what it sees.</summary>
    /// <param name="model">A model in float32.</param>
    /// <param name="tokens">The text, at least one token; of more than the context length only the last count.</param>
    /// <param name="options">How the next token is chosen; the defaults where null.</param>
    /// <param name="lensCount">How many tokens the logit lens names.</param>
    /// <exception cref="ArgumentException">
    /// The model does not compute in float32, the text is empty, a token is outside the vocabulary, or an option outside its range.
    /// </exception>
    /// <exception cref="InvalidLogitsException">The model gives no distribution.</exception>
    public static Explanation Of(Gpt model, ReadOnlySpan<int> tokens, GenerationOptions? options = null, int lensCount = 5)
    {
        options ??= new GenerationOptions();
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(lensCount, 1);
        var (kernels, V) = (model.Parameters.Kernels, model.Config.VocabularySize);
        if (kernels.Real != DType.Float32)
        {
            throw new ArgumentException($"An explanation reads {DType.Float32} numbers; a model on {kernels.Description} has {kernels.Real}.");
        }

        Prompt.Check(tokens, V);
        tokens = tokens[Math.Max(0, tokens.Length - model.Config.ContextLength)..];
        using var arena = new Arena(kernels);
        var seen = new ForwardRecorder(kernels);
        var logits = Forward(model, tokens, new Step(kernels, arena) { Probe = seen });
        return new Explanation
        {
            Tokens = tokens.ToArray(),
            Embedding = new EmbeddingExplanation
            {
                Tokens = TableRows(model, "wte.weight", tokens),
                Positions = Positions(model, tokens.Length),
                Output = seen["embedding"],
                Lens = Lens(model, arena, seen["embedding"], lensCount),
            },
            Layers =
            [
                .. Enumerable.Range(0, model.Config.LayerCount).Select(layer => new LayerExplanation
                {
                    Attention = Attention(model.Config, seen[$"h.{layer}.attn.q"], seen[$"h.{layer}.attn.k"], seen[$"h.{layer}.attn.v"]),
                    Output = seen[$"h.{layer}.output"],
                    Lens = Lens(model, arena, seen[$"h.{layer}.output"], lensCount),
                }),
            ],
            Next = NextTokenExplanation.Of(logits, tokens, options),
        };
    }

    /// <summary>Sends the tokens through the model and reads the logits of what follows the last, (V).</summary>
    private static float[] Forward(Gpt model, ReadOnlySpan<int> tokens, Step step)
    {
        var (kernels, T) = (step.Kernels, tokens.Length);
        using var ids = kernels.Allocate(DType.Int32, T);
        using var positions = kernels.Allocate(DType.Int32, T);
        kernels.Write(ids.View(T, 1), tokens);
        kernels.Write<int>(positions.View(T, 1), [.. Enumerable.Range(0, T)]);
        var hidden = model.Forward(step, new TokenBatch(ids.View(T, 1), positions.View(T, 1), 1, T)); // (1, T, C)
        var last = new Tensor(hidden.View.SliceRows(T - 1, 1), hidden.Shape with { Time = 1 }, 0); // (1, 1, C)
        var logits = new float[model.Config.VocabularySize];
        kernels.Read<float>(model.Logits(step, last).View, logits); // (1, 1, V)
        return logits;
    }

    private static AttentionExplanation Attention(GptConfig config, float[][] q, float[][] k, float[][] v)
    {
        var shape = new AttentionShape
        {
            BatchSize = 1,
            QueryCount = q.Length,
            KeyCount = k.Length,
            KeyCapacity = k.Length,
            HeadCount = config.HeadCount,
            KeyHeadCount = config.EffectiveKeyValueHeadCount,
            HeadSize = config.EffectiveHeadSize,
            Causal = true,
            Window = config.AttentionWindow,
        };
        return new AttentionExplanation(shape, q, k, v);
    }

    /// <summary>What is added to the first tokens for their positions, or null where positions enter elsewhere or not at all.</summary>
    private static float[][]? Positions(Gpt model, int count)
    {
        var (kernels, config) = (model.Parameters.Kernels, model.Config);
        switch (config.Positions)
        {
            case PositionKind.Learned:
                return TableRows(model, "wpe.weight", [.. Enumerable.Range(0, count)]);
            case PositionKind.Sinusoidal:
                using (var table = PositionTable.Sinusoidal(kernels, count, config.Width))
                {
                    return ForwardRecorder.Rows(kernels, table.View);
                }

            default:
                return null;
        }
    }

    private static float[][] TableRows(Gpt model, string name, ReadOnlySpan<int> rows)
    {
        var table = model.Parameters.Parameters.Single(parameter => parameter.Name == name);
        var result = new float[rows.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            result[i] = ForwardRecorder.Rows(model.Parameters.Kernels, table.Value.SliceRows(rows[i], 1))[0];
        }

        return result;
    }

    private static IReadOnlyList<TokenProbability>[] Lens(Gpt model, Arena arena, float[][] states, int count)
    {
        var kernels = model.Parameters.Kernels;
        var step = new Step(kernels, arena);
        var result = new List<IReadOnlyList<TokenProbability>>(states.Length);
        foreach (var rows in states.Chunk(LensRows))
        {
            arena.Reset();
            var x = step.Allocate(new Shape(1, rows.Length, model.Config.Width)); // (1, rows, C)
            kernels.Write<float>(x.View, [.. rows.SelectMany(row => row)]);
            var logits = model.ReadOut(step, x); // (1, rows, V)
            // What the others are compared with does not matter: token 0 is as good as any.
            result.AddRange(ForwardRecorder.Rows(kernels, logits.View).Select(row => GeneratedToken.FromLogits(token: 0, row, count).Top));
        }

        return [.. result];
    }
}
