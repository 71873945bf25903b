namespace Inkling.Kernels.Reference;

/// <content>Both ends of a language model: token ids in, loss on token ids out; and positions.</content>
public sealed partial class ReferenceKernels<T>
{
    /// <inheritdoc/>
    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate)
    {
        KernelChecks.Embed(indices, table, y);
        var (tokens, rows, output) = (Integers(indices), Matrix(table), Matrix(y));
        for (var i = 0; i < tokens.Rows; i++)
        {
            KernelChecks.Index(tokens[i, 0], rows.Rows);
            for (var c = 0; c < rows.Columns; c++)
                output[i, c] = (accumulate ? output[i, c] : T.Zero) + rows[tokens[i, 0], c];
        }
    }

    /// <inheritdoc/>
    public void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate)
    {
        KernelChecks.EmbedBackward(indices, dy, dTable);
        var (tokens, gradient, rows) = (Integers(indices), Matrix(dy), Matrix(dTable));
        if (!accumulate)
            rows.Fill(T.Zero);

        for (var i = 0; i < tokens.Rows; i++)
        {
            KernelChecks.Index(tokens[i, 0], rows.Rows);
            for (var c = 0; c < rows.Columns; c++)
                rows[tokens[i, 0], c] += gradient[i, c];
        }
    }

    /// <inheritdoc/>
    public void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y)
    {
        KernelChecks.Rotate(x, positions, table, headSize, y);
        var (input, rows, angles, output) = (Matrix(x), Integers(positions), Matrix(table), Matrix(y));
        var half = headSize / 2;
        for (var i = 0; i < input.Rows; i++)
        {
            var position = rows[i, 0];
            KernelChecks.Index(position, angles.Rows);
            for (var j = 0; j < input.Columns; j++)
            {
                var pair = j % headSize;
                if (pair >= half)
                    continue;

                var (cos, sin) = (angles[position, pair], angles[position, half + pair]);
                if (rotation == Rotation.Inverse)
                    sin = -sin;

                var (first, second) = (input[i, j], input[i, j + half]);
                output[i, j] = T.FusedMultiplyAdd(second, -sin, first * cos);
                output[i, j + half] = T.FusedMultiplyAdd(first, sin, second * cos);
            }
        }
    }

    /// <inheritdoc/>
    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
    {
        KernelChecks.CrossEntropy(logits, targets, weights, losses, dLogits);
        for (var i = 0; i < logits.Rows; i++)
        {
            var (row, target, weight) = (Matrix(logits.SliceRows(i, 1)), Integers(targets)[i, 0], Matrix(weights)[i, 0]);
            if (target == -1)
            {
                Matrix(losses)[i, 0] = T.Zero;
                if (!dLogits.IsNone)
                    Matrix(dLogits.SliceRows(i, 1)).Fill(T.Zero);

                continue;
            }

            KernelChecks.Index(target, row.Columns);
            var logSumExp = LogSumExp(row);
            Matrix(losses)[i, 0] = weight * (logSumExp - row[0, target]);
            for (var j = 0; j < row.Columns && !dLogits.IsNone; j++)
            {
                var probability = T.Exp(row[0, j] - logSumExp);
                Matrix(dLogits)[i, j] = weight * (probability - (j == target ? T.One : T.Zero));
            }
        }
    }

    private static T LogSumExp(ReferenceMatrix<T> row)
    {
        var max = T.NegativeInfinity;
        for (var j = 0; j < row.Columns; j++)
            max = T.Max(max, row[0, j]);

        var sum = T.Zero;
        for (var j = 0; j < row.Columns; j++)
            sum += T.Exp(row[0, j] - max);

        return max + T.Log(sum);
    }
}
