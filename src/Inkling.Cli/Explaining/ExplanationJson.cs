using System.Text.Json.Nodes;
using Inkling.Generation;
using Inkling.Generation.Explaining;
using Inkling.Text;

namespace Inkling.Cli.Explaining;

/// <summary>An explanation as one document with all its numbers.</summary>
internal sealed class ExplanationJson(Explanation explanation, Tokenizer tokenizer, ExplanationScope scope)
{
    // Some hundred megabytes of text; a document in memory takes several times that.
    private const long MostWeights = 10_000_000;

    private readonly int _first = Math.Max(0, explanation.Tokens.Count - (scope.Last ?? int.MaxValue));

    public JsonObject Create(GenerationOptions options)
    {
        var layers = ExplanationScope.Of(scope.Layer, explanation.Layers.Count).ToArray();
        var heads = ExplanationScope.Of(scope.Head, explanation.Layers[0].Attention.Shape.HeadCount).ToArray();
        CheckSize(layers.Length, heads.Length);
        return new JsonObject
        {
            ["tokens"] = Array(Shown.Select(position => new JsonObject
            {
                ["position"] = position,
                ["token"] = explanation.Tokens[position],
                ["text"] = Text(explanation.Tokens[position]),
            })),
            ["embedding"] = new JsonObject
            {
                ["tokens"] = Rows(explanation.Embedding.Tokens),
                ["positions"] = explanation.Embedding.Positions is { } positions ? Rows(positions) : null,
                ["output"] = Rows(explanation.Embedding.Output),
            },
            ["layers"] = Array(layers.Select(layer => Layer(layer, heads))),
            ["logitLens"] = Array(explanation.Layers.Select(layer => layer.Lens).Prepend(explanation.Embedding.Lens).Select((lens, i) => new JsonObject
            {
                ["layer"] = i == 0 ? null : i - 1,
                ["top"] = Array(Shown.Select(position => Array(lens[position].Select(Top)))),
            })),
            ["next"] = new JsonObject
            {
                ["logits"] = Numbers(explanation.Next.Logits),
                ["raw"] = Numbers(explanation.Next.Raw),
                ["tempered"] = Numbers(explanation.Next.Tempered),
                ["kept"] = Numbers(explanation.Next.Kept),
                ["temperature"] = options.Temperature,
                ["seed"] = options.Seed,
                ["token"] = explanation.Next.Drawn,
                ["text"] = Text(explanation.Next.Drawn),
            },
        };
    }

    /// <summary>The numbers of an attention without a model around it.</summary>
    public static JsonObject Head(AttentionExplanation attention, int head, IEnumerable<int> queries) => new()
    {
        ["head"] = head,
        ["scores"] = Array(queries.Select(query => Numbers(Visible(attention, query, attention.Scores(head, query))))),
        ["weights"] = Array(queries.Select(query => Numbers(Visible(attention, query, attention.Weights(head, query))))),
        ["output"] = Array(queries.Select(query => Numbers(attention.Output(head, query)))),
    };

    private IEnumerable<int> Shown => Enumerable.Range(_first, explanation.Tokens.Count - _first);

    private JsonObject Layer(int layer, int[] heads) => new()
    {
        ["layer"] = layer,
        ["heads"] = Array(heads.Select(head => Head(explanation.Layers[layer].Attention, head, Shown))),
        ["output"] = Rows(explanation.Layers[layer].Output),
    };

    private JsonObject Top(TokenProbability top) => new()
    {
        ["token"] = top.Token,
        ["text"] = Text(top.Token),
        ["probability"] = top.Probability,
    };

    private void CheckSize(int layerCount, int headCount)
    {
        var weights = (long)layerCount * Shown.Count() * (((long)headCount * explanation.Tokens.Count) + explanation.Layers[0].Output[0].Length);
        if (weights > MostWeights)
        {
            throw new UsageException($"these are {weights / 1e6:0} million numbers, too many for one document; choose some with --layer, --head or --last");
        }
    }

    private string Text(int token) => tokenizer.Decode([token]);

    private JsonArray Rows(IReadOnlyList<float[]> rows) => Array(Shown.Select(position => Numbers(rows[position])));

    private static IEnumerable<double> Visible(AttentionExplanation attention, int query, double[] row)
        => row.Where((_, key) => attention.Sees(query, key));

    private static JsonArray Numbers(IEnumerable<float> numbers) => new([.. numbers.Select(number => float.IsFinite(number) ? JsonValue.Create(number) : null)]);

    private static JsonArray Numbers(IEnumerable<double> numbers) => new([.. numbers.Select(number => JsonLine.Number(number))]);

    private static JsonArray Array(IEnumerable<JsonNode?> nodes) => new([.. nodes]);
}
