using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;
using Inkling.Models;
using Inkling.Tests.Kernels;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>No update that is applied leaves a weight or a moment that is not finite, whatever valid options and finite gradients it is made of.</summary>
public sealed class FiniteUpdateTests
{
    private const int Rounds = 120;
    private const int Count = 70;

    private static readonly double[] Betas = [0, 0.3, 0.5, 0.9, 0.99, 0.999, 0.9999999];
    private static readonly double[] Epsilons = [TrainingOptions.SmallestEpsilon, 1e-12, 1e-8, 1];
    private static readonly double[] Rates = [1e-300, 1e-6, 1e-3, 1, 100];
    private static readonly double[] Clips = [0, 1e-300, 1e-30, 1, 1e30];

    public static TheoryData<string> Kernels => [.. CpuKernels.Supported.Select(set => set.ToString()), "reference"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Updates_with_gradients_of_any_size_leave_all_finite(string name)
    {
        var random = new Random(5);
        using var kernels = name == "reference"
            ? new ReferenceKernels<float>()
            : CpuKernels.Create(new CpuOptions { ThreadCount = 1, InstructionSet = Enum.Parse<InstructionSet>(name) });
        var applied = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var rate = Pick(Rates);
            var options = new TrainingOptions
            {
                LearningRate = rate,
                MinimumLearningRate = 0,
                WeightDecay = random.Next(2) * Math.Min(100, 1 / rate),
                Beta1 = Pick(Betas),
                Beta2 = Pick(Betas),
                Epsilon = Pick(Epsilons),
                ClipNorm = Pick(Clips),
            };
            options.Validate();

            // As large as a model that can be loaded may be: the sum of their squares is finite.
            var values = kernels.Matrix(1, Count, [.. Enumerable.Range(0, Count).Select(_ => Signed(-45, 18))]);
            var (gradients, first, second) = (kernels.Matrix(1, Count), kernels.Matrix(1, Count), kernels.Matrix(1, Count));
            var control = kernels.Matrix(1, 4);
            for (var update = 1; update <= 12;)
            {
                var largest = random.Next(-45, 20);
                kernels.WriteNumbers(gradients, [.. Enumerable.Range(0, Count).Select(i => i % 7 == update % 7 ? 0 : Signed(-45, largest))]);
                kernels.WriteNumbers(control, [1, 0, 0, 0]);
                kernels.SumSquares(gradients, control.SliceColumns(1, 1), accumulate: false);
                kernels.Guard(control, options.ClipNorm, double.PositiveInfinity);
                var settings = new AdamSettings
                {
                    LearningRate = options.LearningRate,
                    Beta1 = options.Beta1,
                    Beta2 = options.Beta2,
                    Epsilon = options.Epsilon,
                    WeightDecay = options.WeightDecay,
                    Update = update,
                };
                kernels.Adam(settings, values, gradients, first, second, control);
                if (kernels.ReadNumbers(control)[2] == 0)
                {
                    continue; // too long; another one
                }

                foreach (var number in new[] { values, first, second }.SelectMany(kernels.ReadNumbers))
                {
                    Assert.True(double.IsFinite(number), $"{number} after update {update} of gradients up to 1e{largest} with {options}");
                }

                update++;
                applied++;
            }
        }

        Assert.Equal(Rounds * 12, applied);

        double Pick(double[] choices) => choices[random.Next(choices.Length)];

        double Signed(int smallest, int largest)
            => (random.Next(2) == 0 ? -1 : 1) * random.NextDouble() * Math.Pow(10, smallest + (random.NextDouble() * (largest - smallest)));
    }

    /// <summary>The largest gradient there can be, for so long that the means have become it: they come to rest at it and its square.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Moments_of_the_longest_gradient_come_to_rest(string name)
    {
        using var kernels = name == "reference"
            ? new ReferenceKernels<float>()
            : CpuKernels.Create(new CpuOptions { ThreadCount = 1, InstructionSet = Enum.Parse<InstructionSet>(name) });
        foreach (var beta in Betas)
        {
            var longest = AdamSettings.LongestGradient;
            var (values, gradients) = (kernels.Matrix(1, 1, 0), kernels.Matrix(1, 1, longest));

            // From three times as much there is only one way: down.
            var (first, second) = (kernels.Matrix(1, 1, 3 * longest), kernels.Matrix(1, 1, 3 * longest * longest));
            for (var update = 1; update <= 100; update++)
            {
                var settings = new AdamSettings { LearningRate = 0, Beta1 = beta, Beta2 = beta, Epsilon = 1, WeightDecay = 0, Update = update };
                var before = (kernels.ReadNumbers(first)[0], kernels.ReadNumbers(second)[0]);
                kernels.Adam(settings, values, gradients, first, second, kernels.Matrix(1, 4, 1, longest, 1, 1));
                Assert.InRange(kernels.ReadNumbers(first)[0], 0, before.Item1);
                Assert.InRange(kernels.ReadNumbers(second)[0], 0, before.Item2);
            }
        }
    }

    /// <summary>Rates that tear a model to pieces: some steps are applied, some are not, and what is left is numbers.</summary>
    [Fact]
    public void A_training_that_diverges_has_finite_weights_after_every_step()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        foreach (var (rate, clip, beta2) in new[] { (100.0, 0.0, 0.99), (100, 1, 0), (30, 0, 0.0), (3, 0, 0.9) })
        {
            using var model = new Gpt(TinyTraining.Model, kernels);
            model.Parameters.Initialize(1);
            var options = TinyTraining.Options with
            {
                LearningRate = rate,
                WarmupSteps = 0,
                ClipNorm = clip,
                Beta2 = beta2,
                WeightDecay = 1 / rate,
                Epsilon = TrainingOptions.SmallestEpsilon,
            };
            using var trainer = new Trainer(model, TinyTraining.Data, options);
            for (var i = 0; i < 60; i++)
            {
                trainer.TrainStep();
                foreach (var buffer in new[] { model.Parameters.Values, trainer.Optimizer.FirstMoments, trainer.Optimizer.SecondMoments })
                {
                    Assert.True(Array.TrueForAll(TinyTraining.Read(kernels, buffer), float.IsFinite), $"step {i + 1} with {options}");
                }
            }
        }
    }
}
