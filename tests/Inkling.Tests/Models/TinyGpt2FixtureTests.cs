using Inkling.Kernels;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Models;

/// <summary>Agreement with two models and their training that a script computed which shares nothing with this code.</summary>
public sealed class TinyGpt2FixtureTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    /// <summary>Case and kernels.</summary>
    public static IEnumerable<object[]> Runs =>
        from name in new[] { "gpt2", "bare" }
        from kernels in KernelVariants.All
        select new object[] { name, kernels };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Logits_agree(string name, string kernels)
    {
        var expected = TinyGpt2Case.Load(name);
        using var run = new TinyGpt2Run(expected, variants[kernels]);

        AssertClose(expected.Numbers("logits"), run.Logits(), ToleranceOf(kernels), "logits");
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Losses_and_gradients_of_the_first_step_agree(string name, string kernels)
    {
        var expected = TinyGpt2Case.Load(name);
        using var run = new TinyGpt2Run(expected, variants[kernels]);
        double count = expected.Targets.Count(target => target >= 0);

        AssertClose(expected.Numbers("tokenLosses"), [.. run.ComputeGradients().Select(loss => loss * count)], ToleranceOf(kernels), "token losses");

        AssertParameters(expected, "gradients", run, run.Gradients.Buffer, kernels);
        foreach (var parameter in run.Parameters)
        {
            var gradient = variants[kernels].ReadNumbers(parameter.In(run.Gradients.Buffer));
            foreach (var zero in expected.ZeroGradients(parameter.Name))
                Assert.All(gradient[zero.Range], element => Assert.InRange(Math.Abs(element), 0, zero.IsExact ? 0 : ToleranceOf(kernels)));
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Ten_steps_of_AdamW_agree(string name, string kernels)
    {
        var expected = TinyGpt2Case.Load(name);
        using var run = new TinyGpt2Run(expected, variants[kernels]);
        double[] losses = expected.List("losses"), norms = expected.List("gradientNorms"), factors = expected.List("clipFactors");
        var tolerance = ToleranceOf(kernels);
        for (var i = 0; i < norms.Length; i++)
        {
            run.ComputeGradients();
            var (loss, norm, factor) = run.Update();
            AssertClose([losses[i], norms[i], factors[i]], [loss, norm, factor], tolerance, $"loss, norm and clip factor after {i} steps");
            AssertClose([losses[i]], [loss], tolerance / 10, $"loss after {i} steps");
        }

        AssertClose([losses[^1]], [run.ComputeGradients().Sum()], tolerance / 10, "loss after the last step");
        AssertParameters(expected, "finalWeights", run, run.Values, kernels);
        AssertParameters(expected, "firstMoments", run, run.Optimizer.FirstMoments, kernels);
        AssertParameters(expected, "secondMoments", run, run.Optimizer.SecondMoments, kernels);
    }

    /// <summary>Relative to the norm of a tensor. Double has sixteen digits, which ten steps do not use up; float has seven.</summary>
    private static double ToleranceOf(string kernels) => kernels == KernelVariants.ReferenceDouble ? 1e-10 : 1e-5;

    /// <summary>Leaves out the ranges of rounding noise, which Adam blows up to steps of the learning rate.</summary>
    private void AssertParameters(TinyGpt2Case expected, string field, TinyGpt2Run run, DeviceBuffer buffer, string kernels)
    {
        Assert.Equal(expected.CountOf(field), run.Parameters.Count);
        foreach (var parameter in run.Parameters)
        {
            double[] wanted = expected.Numbers(field, parameter.Name), actual = variants[kernels].ReadNumbers(parameter.In(buffer));
            foreach (var zero in expected.ZeroGradients(parameter.Name).Where(zero => !zero.IsExact))
            {
                wanted.AsSpan()[zero.Range].Clear();
                actual.AsSpan()[zero.Range].Clear();
            }

            AssertClose(wanted, actual, ToleranceOf(kernels), $"{field} of {parameter.Name}");
        }
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var difference = Norm(expected.Zip(actual, (a, b) => a - b));
        Assert.True(difference <= tolerance * Norm(expected), $"{what}: off by {difference / Norm(expected):e1} relative, more than {tolerance:e1}");
    }

    private static double Norm(IEnumerable<double> numbers) => Math.Sqrt(numbers.Sum(number => number * number));
}
