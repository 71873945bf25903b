using Inkling.Kernels;

namespace Inkling.Generation.Explaining;

/// <summary>
/// The attention of one layer over one sequence, computed again in double from its queries, keys and values, one row at a time and only
/// when asked: the kernels never make the matrix of weights, so there is none to look at.
/// </summary>
/// <param name="shape">Sizes and mask; one sequence.</param>
/// <param name="queries">(T, H·D), as the kernel sees them.</param>
/// <param name="keys">(keys, Hk·D).</param>
/// <param name="values">(keys, Hk·D).</param>
public sealed class AttentionExplanation(
    AttentionShape shape, IReadOnlyList<float[]> queries, IReadOnlyList<float[]> keys, IReadOnlyList<float[]> values)
{
    /// <summary>Sizes and mask.</summary>
    public AttentionShape Shape => shape;

    /// <summary>Queries of all heads side by side, (T, H·D).</summary>
    public IReadOnlyList<float[]> Queries => queries;

    /// <summary>Keys of all key-value heads side by side, (keys, Hk·D).</summary>
    public IReadOnlyList<float[]> Keys => keys;

    /// <summary>Values of all key-value heads side by side, (keys, Hk·D).</summary>
    public IReadOnlyList<float[]> Values => values;

    /// <summary>Factor of the dot products, 1/√D unless said otherwise.</summary>
    public double Scale { get; init; } = shape.Scale;

    /// <summary>Whether the mask lets a query see a key; the one place that knows the mask.</summary>
    /// <param name="query">Row of the queries.</param>
    /// <param name="key">Row of the keys.</param>
    public bool Sees(int query, int key) => key >= shape.FirstKey(query) && key < shape.EndKey(query);

    /// <summary>The key-value head that a query head uses: neighbours share one where there are fewer of those.</summary>
    public int KeyHeadOf(int head) => head / (shape.HeadCount / shape.KeyHeadCount);

    /// <summary>How well each key fits a query: their dot product, scaled; −∞ for what the query does not see.</summary>
    /// <returns>(keys).</returns>
    public double[] Scores(int head, int query)
    {
        var q = Slice(queries[query], head);
        var scores = new double[keys.Count];
        for (var key = 0; key < scores.Length; key++)
        {
            scores[key] = Sees(query, key) ? Scale * Dot(q, Slice(keys[key], KeyHeadOf(head))) : double.NegativeInfinity;
        }

        return scores;
    }

    /// <summary>The softmax of the scores: how much of each value a query takes; 0 for what it does not see.</summary>
    /// <returns>(keys); they sum to 1.</returns>
    public double[] Weights(int head, int query)
    {
        var weights = Scores(head, query);
        var greatest = weights.Max();
        for (var key = 0; key < weights.Length; key++)
        {
            weights[key] = Math.Exp(weights[key] - greatest);
        }

        var total = weights.Sum();
        for (var key = 0; key < weights.Length; key++)
        {
            weights[key] /= total;
        }

        return weights;
    }

    /// <summary>What a head gives a token: the values of all keys, each times its weight, added up.</summary>
    /// <returns>(D).</returns>
    public double[] Output(int head, int query)
    {
        var weights = Weights(head, query);
        var output = new double[shape.HeadSize];
        for (var key = 0; key < weights.Length; key++)
        {
            var value = Slice(values[key], KeyHeadOf(head));
            for (var i = 0; i < output.Length; i++)
            {
                output[i] += weights[key] * value[i];
            }
        }

        return output;
    }

    private ReadOnlySpan<float> Slice(float[] row, int head) => row.AsSpan(head * shape.HeadSize, shape.HeadSize);

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }
}
