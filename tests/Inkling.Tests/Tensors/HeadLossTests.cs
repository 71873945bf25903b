using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Tensors;
using Inkling.Tensors.Operations;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Tensors;

/// <summary>A vocabulary so large that the head works through several chunks of rows, the last of them ragged.</summary>
public sealed class HeadLossTests
{
    private const int Rows = 135, C = 4, V = 170_000;

    // The chunks are multiples of the 64 rows by which column sums go, and weight gradients continue their chains: not a bit changes.
    [Fact]
    public void Chunks_give_the_bits_of_all_rows_at_once()
    {
        Assert.Equal(64, Operation.HeadChunkRows(V));
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        using var parameters = new ParameterStore(kernels);
        var weight = parameters.Add(new ParameterDescription
        {
            Name = "head",
            Rows = V,
            Columns = C,
            Layout = WeightLayout.OutputByInput,
            Initialization = Initialization.Normal(0.7),
        });
        var bias = parameters.AddVector("bias", V, Initialization.Normal(0.5));
        parameters.Initialize(3);
        using var gradients = new GradientStore(parameters);
        using var arena = new Arena(kernels);
        var (targets, weights, losses) = (kernels.Allocate(DType.Int32, Rows).View(Rows, 1), kernels.Matrix(Rows, 1), kernels.Matrix(Rows, 1));
        kernels.WriteNumbers(targets, [.. Enumerable.Range(0, Rows).Select(i => i % 10 == 3 ? -1 : (i * 1_237.0 % V))]);
        kernels.WriteNumbers(weights, [.. Enumerable.Range(1, Rows).Select(i => 0.01 * i)]);

        var tape = new Tape(gradients);
        var step = new Step(kernels, arena) { Tape = tape };
        var x = step.Allocate(new Shape(1, Rows, C));
        kernels.FillNormal(x.View, 1, new RandomKey(1, RandomPurpose.Initialization, 0, 9));
        gradients.Begin();
        Operation.HeadLoss(step, x, weight, bias, targets, weights, losses);
        var withTape = kernels.ReadNumbers(losses);
        var (dx, dw, db) = (Read(tape.Gradient(x)), Read(weight.In(gradients.Buffer)), Read(bias.In(gradients.Buffer)));
        kernels.Fill(losses, double.NaN);
        Operation.HeadLoss(new Step(kernels, arena), x, weight, bias, targets, weights, losses);
        var withoutTape = Read(losses);

        using var buffer = kernels.Allocate(kernels.Real, (long)Rows * V);
        var logits = buffer.View(Rows, V);
        kernels.Linear(new LinearArguments { X = x.View, Weight = weight.Prepared, Bias = bias.Value, Y = logits });
        kernels.CrossEntropy(logits, targets, weights, losses, logits);
        AssertSame(Read(losses), withTape);
        AssertSame(withTape, withoutTape);
        Assert.Equal(0, withTape[3]);

        var dxAtOnce = kernels.Matrix(Rows, C);
        kernels.LinearBackwardInput(logits, weight.Prepared, dxAtOnce, accumulate: false);
        kernels.LinearBackwardWeight(x.View, logits, weight.In(gradients.Buffer), WeightLayout.OutputByInput, Precision.Float32, accumulate: false);
        kernels.LinearBackwardBias(logits, bias.In(gradients.Buffer), accumulate: false);
        AssertSame(Read(dxAtOnce), dx);
        AssertSame(Read(weight.In(gradients.Buffer)), dw);
        AssertSame(Read(bias.In(gradients.Buffer)), db);

        double[] Read(MatrixView view) => kernels.ReadNumbers(view);
    }

    private static void AssertSame(double[] expected, double[] actual)
    {
        Assert.All(expected.Take(100), number => Assert.True(double.IsFinite(number)));
        Assert.True(expected.SequenceEqual(actual, BitComparer.Instance));
    }
}
