namespace Inkling.Kernels.Reference;

/// <content>Layer and root-mean-square normalisation.</content>
public sealed partial class ReferenceKernels<T>
{
    /// <inheritdoc/>
    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
    {
        KernelChecks.LayerNorm(x, gain, bias, y, statistics);
        var (input, scale, output, saved) = (Matrix(x), Matrix(gain), Matrix(y), Matrix(statistics));
        var C = T.CreateTruncating(input.Columns);
        for (var i = 0; i < input.Rows; i++)
        {
            var sum = T.Zero;
            for (var j = 0; j < input.Columns; j++)
                sum += input[i, j];

            var mean = sum / C;
            var squares = T.Zero;
            for (var j = 0; j < input.Columns; j++)
                squares += (input[i, j] - mean) * (input[i, j] - mean);

            var r = T.One / T.Sqrt((squares / C) + Number(epsilon));
            (saved[i, 0], saved[i, 1]) = (mean, r);
            for (var j = 0; j < input.Columns; j++)
                output[i, j] = ((input[i, j] - mean) * r * scale[0, j]) + (bias.IsNone ? T.Zero : Matrix(bias)[0, j]);
        }
    }

    /// <inheritdoc/>
    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        KernelChecks.LayerNormBackward(x, gain, statistics, dy, dx, dGain, dBias);
        var (input, scale, saved, outputGradient) = (Matrix(x), Matrix(gain), Matrix(statistics), Matrix(dy));
        var (inputGradient, scaleGradient) = (Matrix(dx), Matrix(dGain));
        var C = T.CreateTruncating(input.Columns);
        if (!accumulateParameters)
        {
            scaleGradient.Fill(T.Zero);
            if (!dBias.IsNone)
                Matrix(dBias).Fill(T.Zero);
        }

        for (var i = 0; i < input.Rows; i++)
        {
            // With x̂ = (x − mean)·r: dx = r·(g − mean(g) − x̂·mean(g·x̂)), where g = gain·dy is the gradient of x̂.
            var (mean, r) = (saved[i, 0], saved[i, 1]);
            var (gradientSum, projection) = (T.Zero, T.Zero);
            for (var j = 0; j < input.Columns; j++)
            {
                var normalized = (input[i, j] - mean) * r;
                var g = scale[0, j] * outputGradient[i, j];
                gradientSum += g;
                projection += g * normalized;
                scaleGradient[0, j] += outputGradient[i, j] * normalized;
                if (!dBias.IsNone)
                    Matrix(dBias)[0, j] += outputGradient[i, j];
            }

            for (var j = 0; j < input.Columns; j++)
            {
                var normalized = (input[i, j] - mean) * r;
                var g = scale[0, j] * outputGradient[i, j];
                var gradient = r * (g - (gradientSum / C) - (normalized * projection / C));
                inputGradient[i, j] = accumulateInput ? inputGradient[i, j] + gradient : gradient;
            }
        }
    }

    /// <inheritdoc/>
    public void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics)
    {
        KernelChecks.RmsNorm(x, gain, y, statistics);
        var (input, scale, output, saved) = (Matrix(x), Matrix(gain), Matrix(y), Matrix(statistics));
        var C = scale.Columns;
        for (var i = 0; i < input.Rows; i++)
        {
            for (var group = 0; group < saved.Columns; group++)
            {
                var squares = T.Zero;
                for (var j = 0; j < C; j++)
                    squares += input[i, (group * C) + j] * input[i, (group * C) + j];

                var r = T.One / T.Sqrt((squares / T.CreateTruncating(C)) + Number(epsilon));
                saved[i, group] = r;
                for (var j = 0; j < C; j++)
                    output[i, (group * C) + j] = input[i, (group * C) + j] * r * scale[0, j];
            }
        }
    }

    /// <inheritdoc/>
    public void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
    {
        KernelChecks.RmsNormBackward(x, gain, statistics, dy, dx, dGain);
        var (input, scale, saved, outputGradient) = (Matrix(x), Matrix(gain), Matrix(statistics), Matrix(dy));
        var (inputGradient, scaleGradient) = (Matrix(dx), Matrix(dGain));
        var C = scale.Columns;
        if (!accumulateParameters)
            scaleGradient.Fill(T.Zero);

        for (var i = 0; i < input.Rows; i++)
        {
            for (var group = 0; group < saved.Columns; group++)
            {
                // With x̂ = x·r: dx = r·(g − x̂·mean(g·x̂)), where g = gain·dy is the gradient of x̂.
                var (r, first) = (saved[i, group], group * C);
                var projection = T.Zero;
                for (var j = 0; j < C; j++)
                {
                    var normalized = input[i, first + j] * r;
                    projection += scale[0, j] * outputGradient[i, first + j] * normalized;
                    scaleGradient[0, j] += outputGradient[i, first + j] * normalized;
                }

                for (var j = 0; j < C; j++)
                {
                    var normalized = input[i, first + j] * r;
                    var g = scale[0, j] * outputGradient[i, first + j];
                    var gradient = r * (g - (normalized * projection / T.CreateTruncating(C)));
                    inputGradient[i, first + j] = accumulateInput ? inputGradient[i, first + j] + gradient : gradient;
                }
            }
        }
    }
}
