using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    // Elements whose squares are added in float before they join a double.
    private const int SquareChunk = 4_096;

    public void Sum(MatrixView x, MatrixView result, bool accumulate)
    {
        KernelChecks.Sum(x, result);
        var values = Floats(x);
        double sum = accumulate ? *Floats(result) : 0;
        for (var row = 0; row < x.Rows; row++)
        {
            for (var column = 0; column < x.Columns; column++)
            {
                sum += values[((long)row * x.Pitch) + column];
            }
        }

        *Floats(result) = (float)sum;
    }

    public void SumSquares(MatrixView x, MatrixView result, bool accumulate)
    {
        KernelChecks.Sum(x, result);
        double sum = accumulate ? *Floats(result) : 0;
        var chunks = SquareSums(x.Columns);
        for (var row = 0; row < x.Rows; row++)
        {
            var partial = _shared.Floats(chunks);
            ForEach(x.Columns, SquareChunk, new SquareBody { X = Floats(x) + ((long)row * x.Pitch), Sums = partial });
            for (var chunk = 0; chunk < chunks; chunk++)
            {
                sum += partial[chunk];
            }
        }

        *Floats(result) = (float)sum;
    }

    /// <summary>Floats that the threads share for sums of squares.</summary>
    internal static int SquareSums(int columns) => ((columns - 1) / SquareChunk) + 1;

    public void Guard(MatrixView control, double clipNorm, double largestLoss)
    {
        KernelChecks.Guard(control, largestLoss);
        var values = Floats(control);
        var norm = MathF.Sqrt(values[1]);
        var applies = float.IsFinite(values[0]) && values[0] <= largestLoss && norm <= AdamSettings.LongestGradient;
        values[1] = norm;
        values[2] = applies ? 1 : 0;
        values[3] = applies && clipNorm > 0 && norm > clipNorm ? (float)(clipNorm / norm) : 1;
    }

    public void Adam(in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
    {
        KernelChecks.Adam(values, gradients, firstMoments, secondMoments, control);
        var state = Floats(control);
        if (state[2] == 0)
        {
            return;
        }

        ForEach(values.Columns, 16_384, new AdamBody
        {
            Values = Floats(values),
            Gradients = Floats(gradients),
            First = Floats(firstMoments),
            Second = Floats(secondMoments),
            ClipFactor = state[3],
            Beta1 = (float)settings.Beta1,
            Beta2 = (float)settings.Beta2,
            Epsilon = (float)settings.Epsilon,
            Decay = (float)(1 - (settings.LearningRate * settings.WeightDecay)),
            Rate = (float)(settings.LearningRate / (1 - Math.Pow(settings.Beta1, settings.Update))),
            SecondCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(settings.Beta2, settings.Update))),
            OneMinusBeta1 = (float)(1 - settings.Beta1),
            OneMinusBeta2 = (float)(1 - settings.Beta2),
        });
    }

    private struct SquareBody : IRangeBody
    {
        public float* X;
        public float* Sums;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long from, long to)
        {
            // The pieces of ForEach are one chunk each, except that a short matrix comes whole.
            var x = X + from;
            var count = (int)(to - from);
            V sum0 = default, sum1 = default;
            var i = 0;
            for (; i <= count - (2 * V.Count); i += 2 * V.Count)
            {
                V a = V.Load(x + i), b = V.Load(x + i + V.Count);
                sum0 = V.MultiplyAdd(a, a, sum0);
                sum1 = V.MultiplyAdd(b, b, sum1);
            }

            for (; i < count; i += V.Count)
            {
                var a = Load(x, i, count);
                sum0 = V.MultiplyAdd(a, a, sum0);
            }

            Sums[from / SquareChunk] = V.Sum(sum0 + sum1);
        }
    }

    private struct AdamBody : IRangeBody
    {
        public float* Values;
        public float* Gradients;
        public float* First;
        public float* Second;
        public float ClipFactor;
        public float Beta1;
        public float Beta2;
        public float OneMinusBeta1;
        public float OneMinusBeta2;
        public float Epsilon;
        public float Decay;
        public float Rate;
        public float SecondCorrection;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long from, long to)
        {
            V clip = V.Create(ClipFactor), beta1 = V.Create(Beta1), beta2 = V.Create(Beta2), newPart1 = V.Create(OneMinusBeta1);
            V newPart2 = V.Create(OneMinusBeta2), epsilon = V.Create(Epsilon), decay = V.Create(Decay), rate = V.Create(Rate);
            var correction = V.Create(SecondCorrection);
            float* values = Values + from, gradients = Gradients + from, first = First + from, second = Second + from;
            var count = (int)(to - from);
            for (var i = 0; i < count; i += V.Count)
            {
                var g = Load(gradients, i, count) * clip;
                var m = V.MultiplyAdd(beta1, Load(first, i, count), newPart1 * g);
                var v = V.MultiplyAdd(beta2, Load(second, i, count), newPart2 * g * g);
                Store(m, first, i, count);
                Store(v, second, i, count);
                var denominator = V.MultiplyAdd(V.Sqrt(v), correction, epsilon);
                Store((Load(values, i, count) * decay) - (rate * m / denominator), values, i, count);
            }
        }
    }
}
