using Inkling.Data;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Tests.Kernels;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>What a damaged number in the middle of a step does to a training: nothing, but that the step is lost.</summary>
public sealed class GuardedTrainingTests
{
    private const int GoodBefore = 40;
    private const int GoodAfter = 200;

    private static readonly TrainingOptions Options = TinyTraining.Options with { BatchSize = 5, SpikeThreshold = 20, SpikeWindow = 32 };

    /// <summary>An operation, what its result has instead of a number, and how many of its calls in a step are sound before that.</summary>
    private static readonly (string Operation, double Value, int CallsBefore)[] Damages =
    [
        (nameof(IKernels.Embed), double.NaN, 0), // the batch
        (nameof(IKernels.Embed), double.PositiveInfinity, 0),
        (nameof(IKernels.AttentionBackward), double.NaN, 0), // a gradient on its way
        (nameof(IKernels.LinearBackwardWeight), double.NaN, 0), // the gradient of a parameter alone: the head's,
        (nameof(IKernels.LinearBackwardWeight), double.NegativeInfinity, 4), // one in the middle,
        (nameof(IKernels.EmbedBackward), double.NaN, 0), // the last
        (nameof(IKernels.LinearBackwardWeight), 1e30, 2), // finite, but its square is not
        (nameof(IKernels.LinearBackwardWeight), 1.5e19, 2), // as is its square, which leaves Adam no room
        (nameof(IKernels.CrossEntropy), double.NaN, 0), // the loss alone
        (nameof(IKernels.CrossEntropy), double.PositiveInfinity, 0),
        (nameof(IKernels.CrossEntropy), 50, 0), // a loss that is too high
    ];

    [Fact]
    public void Wherever_a_step_is_damaged_200_good_steps_later_all_is_as_if_it_had_never_been()
    {
        var withoutIt = Train(Options, session => session.Trainer.ContinueFrom(GoodBefore + 1, GoodBefore, session.Trainer.Guard.State));
        foreach (var damage in Damages)
        {
            Assert.Equal(withoutIt, Train(Options, session => Damage(session, damage)));
        }
    }

    [Fact]
    public void Nor_does_it_matter_which_micro_batch_is_damaged()
    {
        var options = Options with { MicroBatchSize = 2 };
        var withoutIt = Train(options, session => session.Trainer.ContinueFrom(GoodBefore + 1, GoodBefore, session.Trainer.Guard.State));

        // Three micro-batches; each embeds tokens and positions, and has the weights of nine products in its gradient.
        foreach (var (operation, callsBefore) in new[]
        {
            (nameof(IKernels.Embed), 0), (nameof(IKernels.Embed), 2), (nameof(IKernels.Embed), 4),
            (nameof(IKernels.LinearBackwardWeight), 13), (nameof(IKernels.CrossEntropy), 1), (nameof(IKernels.CrossEntropy), 2),
        })
        {
            Assert.Equal(withoutIt, Train(options, session => Damage(session, (operation, double.NaN, callsBefore))));
        }
    }

    [Fact]
    public void On_a_device_that_runs_everything_late_it_is_the_same_with_one_wait_per_step()
    {
        using var cpu = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        foreach (var damage in new[] { Damages[0], Damages[4], Damages[^1] })
        {
            var late = new LateKernels(cpu);
            Assert.Equal(Train(Options, session => Damage(session, damage)), Train(Options, session => Damage(session, damage), late));
            Assert.Equal(GoodBefore + 1 + GoodAfter + 3, late.ReadCount); // and for weights and moments
        }
    }

    [Fact]
    public void A_threshold_that_skips_nothing_and_none_at_all_give_the_same_bits()
        => Assert.Equal(
            Train(Options with { SpikeThreshold = 0 }, _ => { }),
            Train(Options, session => Assert.True(double.IsFinite(session.Trainer.Guard.LargestLoss))));

    [Fact]
    public void A_loss_below_the_highest_is_applied_and_one_above_it_is_skipped()
    {
        // What is damaged is the share of the first of 5 · 19 tokens in the mean.
        Assert.Equal(StepOutcome.Applied, OutcomeOf(0.1, Options));
        Assert.Equal(StepOutcome.Spike, OutcomeOf(10, Options));
        Assert.Equal(StepOutcome.Applied, OutcomeOf(10, Options with { SpikeThreshold = 0 }));

        static StepOutcome OutcomeOf(double share, TrainingOptions options)
        {
            using var session = new Session(options);
            session.Run(GoodBefore);
            session.Kernels.Damage(nameof(IKernels.CrossEntropy), share);
            var highest = session.Trainer.Guard.LargestLoss;
            var result = session.Trainer.TrainStep();
            Assert.Equal(result.Outcome != StepOutcome.Spike, result.Loss <= highest);
            return result.Outcome;
        }
    }

    [Fact]
    public void A_loss_that_stays_high_ends_it_after_as_many_steps_in_a_row_as_allowed()
    {
        using var session = new Session(Options with { MaximumSkippedSteps = 3 });
        session.Run(GoodBefore);
        Spike(2);
        Assert.False(session.Trainer.Guard.HasGivenUp);
        session.Run(1);
        var highest = session.Trainer.Guard.LargestLoss;
        Spike(2);
        Assert.False(session.Trainer.Guard.HasGivenUp);
        Spike(1);
        Assert.True(session.Trainer.Guard.HasGivenUp);
        Assert.Equal(highest, session.Trainer.Guard.LargestLoss);
        Assert.Equal((5, GoodBefore + 1), (session.Trainer.Guard.SkippedSteps, session.Trainer.Updates));

        void Spike(int count)
        {
            for (var i = 0; i < count; i++)
            {
                session.Damage((nameof(IKernels.CrossEntropy), 50, 0), StepOutcome.Spike);
            }
        }
    }

    [Fact]
    public void A_step_that_is_not_finite_and_has_no_threshold_counts_too()
    {
        using var session = new Session(Options with { SpikeThreshold = 0, MaximumSkippedSteps = 2 });
        foreach (var hasGivenUp in new[] { false, true })
        {
            session.Damage(Damages[0], StepOutcome.NotFinite);
            Assert.Equal(hasGivenUp, session.Trainer.Guard.HasGivenUp);
        }
    }

    [Fact]
    public void The_batch_of_any_step_can_be_named()
    {
        using var session = new Session(Options);
        session.Run(3);
        var sampler = new WindowSampler(TinyTraining.Data.Training, TinyTraining.Model.ContextLength, Options.Seed, RandomPurpose.Windows);
        Assert.Equal(Enumerable.Range(0, Options.BatchSize).Select(row => sampler.StartOf(6, row)), session.Trainer.WindowStarts(7));
    }

    /// <summary>Good steps, something else, and good steps; returns weights and moments.</summary>
    private static float[] Train(TrainingOptions options, Action<Session> between, IKernels? kernels = null)
    {
        using var session = new Session(options, kernels);
        session.Run(GoodBefore);
        between(session);
        session.Run(GoodAfter);
        return session.Read();
    }

    private static void Damage(Session session, (string, double, int) damage)
    {
        var (highest, losses) = (session.Trainer.Guard.LargestLoss, session.Trainer.Guard.State.RecentLosses);
        session.Damage(damage, damage is (nameof(IKernels.CrossEntropy), 50, _) ? StepOutcome.Spike : StepOutcome.NotFinite);
        Assert.Equal((GoodBefore + 1, GoodBefore), (session.Trainer.Step, session.Trainer.Updates));
        Assert.Equal(highest, session.Trainer.Guard.LargestLoss);
        Assert.Equal(losses, session.Trainer.Guard.State.RecentLosses);
    }

    private sealed class Session : IDisposable
    {
        private readonly IKernels? _own;
        private readonly Gpt _model;

        public Session(TrainingOptions options, IKernels? kernels = null)
        {
            Kernels = new FaultyKernels(kernels ?? (_own = CpuKernels.Create(new CpuOptions { ThreadCount = 1 })));
            _model = new Gpt(TinyTraining.Model, Kernels);
            _model.Parameters.Initialize(1);
            Trainer = new Trainer(_model, TinyTraining.Data, options);
        }

        public FaultyKernels Kernels { get; }

        public Trainer Trainer { get; }

        public void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                Assert.Equal(StepOutcome.Applied, Trainer.TrainStep().Outcome);
            }
        }

        public void Damage((string Operation, double Value, int CallsBefore) damage, StepOutcome expected)
        {
            Kernels.Damage(damage.Operation, damage.Value, damage.CallsBefore);
            Assert.Equal((damage, expected), (damage, Trainer.TrainStep().Outcome));
            Assert.False(Kernels.IsArmed);
        }

        public float[] Read()
            =>
            [
                .. TinyTraining.Read(Kernels, _model.Parameters.Values),
                .. TinyTraining.Read(Kernels, Trainer.Optimizer.FirstMoments),
                .. TinyTraining.Read(Kernels, Trainer.Optimizer.SecondMoments),
            ];

        public void Dispose()
        {
            Trainer.Dispose();
            _model.Dispose();
            _own?.Dispose();
        }
    }
}
