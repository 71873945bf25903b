namespace Inkling.Kernels.Reference;

/// <content>Attention ("Attention Is All You Need", section 3.2), one query of one head after another.</content>
public sealed partial class ReferenceKernels<T>
{
    /// <inheritdoc/>
    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        KernelChecks.Attention(shape, q, k, v, y, logSumExp);
        foreach (var head in Heads(shape))
        {
            var (queries, output) = (head.OfQueries(q), head.OfQueries(y)); // (T, D)
            var (keys, values) = (head.OfKeys(k), head.OfKeys(v)); // (S, D), S the number of keys
            for (var i = 0; i < shape.QueryCount; i++)
            {
                var (weights, first) = (Scores(shape, queries, keys, i), shape.FirstKey(i)); // (keys that the query sees)
                var max = weights.Max();
                var sum = T.Zero;
                foreach (var score in weights)
                    sum += T.Exp(score - max);

                if (!logSumExp.IsNone)
                    Matrix(logSumExp)[head.Number, i] = max + T.Log(sum);

                for (var j = 0; j < weights.Length; j++)
                    weights[j] = Input(DroppedWeight(dropout, head, i, first + j, T.Exp(weights[j] - max)), shape.Precision);

                for (var d = 0; d < shape.HeadSize; d++)
                {
                    var mixed = T.Zero;
                    for (var j = 0; j < weights.Length; j++)
                        mixed = T.FusedMultiplyAdd(weights[j], Input(values[first + j, d], shape.Precision), mixed);

                    output[i, d] = mixed / sum;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        KernelChecks.AttentionBackward(shape, q, k, v, y, logSumExp, dy, dq, dk, dv);
        Matrix(dq).Fill(T.Zero);
        Matrix(dk).Fill(T.Zero);
        Matrix(dv).Fill(T.Zero);
        var scale = T.CreateTruncating(shape.Scale);
        foreach (var head in Heads(shape))
        {
            var (queries, dQueries, dOutput) = (head.OfQueries(q), head.OfQueries(dq), head.OfQueries(dy)); // (T, D)
            var (keys, dKeys, values, dValues) = (head.OfKeys(k), head.OfKeys(dk), head.OfKeys(v), head.OfKeys(dv)); // (S, D)
            for (var i = 0; i < shape.QueryCount; i++)
            {
                var (scores, first) = (Scores(shape, queries, keys, i), shape.FirstKey(i)); // (keys that the query sees)
                var (weights, dWeights) = (new T[scores.Length], new T[scores.Length]);
                var mean = T.Zero;
                for (var j = 0; j < scores.Length; j++)
                {
                    weights[j] = T.Exp(scores[j] - Matrix(logSumExp)[head.Number, i]);
                    dWeights[j] = DroppedWeight(dropout, head, i, first + j, Dot(dOutput, i, values.Transposed, first + j, T.Zero, shape.Precision));
                    mean += weights[j] * dWeights[j];
                    var applied = Input(DroppedWeight(dropout, head, i, first + j, weights[j]), shape.Precision);
                    for (var d = 0; d < shape.HeadSize; d++)
                        dValues[first + j, d] += applied * Input(dOutput[i, d], shape.Precision);
                }

                for (var j = 0; j < scores.Length; j++)
                {
                    var dScore = Input(weights[j] * (dWeights[j] - mean) * scale, shape.Precision);
                    for (var d = 0; d < shape.HeadSize; d++)
                    {
                        dQueries[i, d] += dScore * Input(keys[first + j, d], shape.Precision);
                        dKeys[first + j, d] += dScore * Input(queries[i, d], shape.Precision);
                    }
                }
            }
        }
    }

    // Scaled dot products of query i with the keys that it sees.
    private static T[] Scores(in AttentionShape shape, ReferenceMatrix<T> queries, ReferenceMatrix<T> keys, int i)
    {
        var first = shape.FirstKey(i);
        var scores = new T[shape.EndKey(i) - first];
        for (var j = 0; j < scores.Length; j++)
            scores[j] = Dot(queries, i, keys.Transposed, first + j, T.Zero, shape.Precision) * T.CreateTruncating(shape.Scale);

        return scores;
    }

    private static T DroppedWeight(Dropout dropout, AttentionHead head, int i, int key, T weight)
    {
        var queryRow = dropout.FirstRow + (uint)((head.Number * head.Shape.QueryCount) + i);
        return dropout.IsActive ? DroppedBy(dropout, dropout.AttentionWord(queryRow, key), weight) : weight;
    }

    private static IEnumerable<AttentionHead> Heads(AttentionShape shape)
        => from b in Enumerable.Range(0, shape.BatchSize)
           from h in Enumerable.Range(0, shape.HeadCount)
           select new AttentionHead(shape, b, h);

    // Head h of sequence b, and its part of the operands.
    private readonly record struct AttentionHead(AttentionShape Shape, int B, int H)
    {
        public int Number => (B * Shape.HeadCount) + H;

        public ReferenceMatrix<T> OfQueries(MatrixView view)
            => Matrix(view.SliceRows(B * Shape.QueryCount, Shape.QueryCount).SliceColumns(H * Shape.HeadSize, Shape.HeadSize));

        public ReferenceMatrix<T> OfKeys(MatrixView view)
        {
            var group = Shape.HeadCount / Shape.KeyHeadCount;
            return Matrix(view.SliceRows(B * Shape.KeyCapacity, Shape.KeyCount).SliceColumns(H / group * Shape.HeadSize, Shape.HeadSize));
        }
    }
}
