namespace Inkling.Kernels.Reference;

/// <content>Sums, clipping and Adam.</content>
public sealed partial class ReferenceKernels<T>
{
    /// <inheritdoc/>
    public void Sum(MatrixView x, MatrixView result, bool accumulate)
    {
        KernelChecks.Sum(x, result);
        Reduce(x, element => element, result, accumulate);
    }

    /// <inheritdoc/>
    public void SumSquares(MatrixView x, MatrixView result, bool accumulate)
    {
        KernelChecks.Sum(x, result);
        Reduce(x, element => element * element, result, accumulate);
    }

    /// <inheritdoc/>
    public void Guard(MatrixView control, double clipNorm, double largestLoss)
    {
        KernelChecks.Guard(control, largestLoss);
        var state = Matrix(control);
        var (loss, norm) = (double.CreateTruncating(state[0, 0]), T.Sqrt(state[0, 1]));
        var applies = double.IsFinite(loss) && loss <= largestLoss && norm <= Number(AdamSettings.LongestGradient);
        state[0, 1] = norm;
        state[0, 2] = applies ? T.One : T.Zero;
        state[0, 3] = applies && clipNorm > 0 && norm > Number(clipNorm) ? Number(clipNorm) / norm : T.One;
    }

    /// <inheritdoc/>
    public void Adam(
        in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
    {
        KernelChecks.Adam(values, gradients, firstMoments, secondMoments, control);
        var (value, gradient, first, second) = (Matrix(values), Matrix(gradients), Matrix(firstMoments), Matrix(secondMoments));
        var (applies, clip) = (Matrix(control)[0, 2] != T.Zero, Matrix(control)[0, 3]);
        if (!applies)
            return;

        var (beta1, beta2, epsilon) = (Number(settings.Beta1), Number(settings.Beta2), Number(settings.Epsilon));
        var rate = Number(settings.LearningRate);
        var keep = Number(1 - (settings.LearningRate * settings.WeightDecay));
        var firstCorrection = Number(1 - Math.Pow(settings.Beta1, settings.Update));
        var secondCorrection = Number(1 - Math.Pow(settings.Beta2, settings.Update));
        for (var j = 0; j < value.Columns; j++)
        {
            var g = gradient[0, j] * clip;
            first[0, j] = (beta1 * first[0, j]) + ((T.One - beta1) * g);
            second[0, j] = (beta2 * second[0, j]) + ((T.One - beta2) * g * g);
            var update = first[0, j] / firstCorrection / (T.Sqrt(second[0, j] / secondCorrection) + epsilon);
            value[0, j] = (keep * value[0, j]) - (rate * update);
        }
    }

    private static void Reduce(MatrixView x, Func<double, double> term, MatrixView result, bool accumulate)
    {
        var matrix = Matrix(x);
        ref var total = ref Matrix(result)[0, 0];
        var sum = accumulate ? double.CreateTruncating(total) : 0;
        for (var i = 0; i < matrix.Rows; i++)
        {
            for (var j = 0; j < matrix.Columns; j++)
                sum += term(double.CreateTruncating(matrix[i, j]));
        }

        total = Number(sum);
    }
}
