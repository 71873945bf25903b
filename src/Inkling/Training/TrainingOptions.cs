using Inkling.Kernels;

namespace Inkling.Training;

/// <summary>How a model is trained. The defaults are those of nanoGPT for a small model on characters.</summary>
public sealed record TrainingOptions
{
    /// <summary>Largest number of steps, and of sequences in a batch, that is not taken for a mistake.</summary>
    public const int MaximumCount = 1_000_000_000;

    /// <summary>
    /// Smallest ε. An update is at most the learning rate (100) times the longest gradient (1e19) divided by ε, whatever the moments are: with this
    /// it is finite in float32, and ε is not 0 there.
    /// </summary>
    public const double SmallestEpsilon = 1e-16;

    // Above it a float is 1, with which a running mean would forget nothing.
    private const double LargestBeta = 0.9999999;

    /// <summary>Sequences per step.</summary>
    public int BatchSize { get; init; } = 12;

    /// <summary>Sequences that go through the model at once; 0 stands for the whole batch. Smaller saves memory; the result differs by rounding.</summary>
    public int MicroBatchSize { get; init; }

    /// <summary>
    /// Whether only what goes into each block is kept, and the backward pass computes the rest again. It saves memory for about a third more
    /// arithmetic, and changes no bit of the result.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>
    /// Precision of the products; parameters, sums and optimizer are float32 in any case. A run keeps the precision that it began with, also the one that
    /// <see cref="Precision.Auto"/> came to.
    /// </summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Steps of the schedule.</summary>
    public int Steps { get; init; } = 2_000;

    /// <summary>Step after which to end without moving the schedule; 0 stands for <see cref="Steps"/>.</summary>
    public int StopAt { get; init; }

    /// <summary>Highest learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Learning rate at the end of a cosine or linear schedule.</summary>
    public double MinimumLearningRate { get; init; } = 1e-4;

    /// <summary>Steps over which the rate rises to its highest.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>What the rate does after that.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Adam's β₁.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's β₂.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Adam's ε; at least <see cref="SmallestEpsilon"/>.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay of matrices and tables (AdamW); 0 gives plain Adam.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Longest gradient; a longer one is shortened to this. 0 leaves all as they are.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>
    /// A step is skipped when its loss is more than this many standard deviations (at least 1 % of the mean) above the mean of the last
    /// <see cref="SpikeWindow"/> applied ones; 0 for never.
    /// </summary>
    public double SpikeThreshold { get; init; }

    /// <summary>Losses that <see cref="SpikeThreshold"/> compares with; a quarter of them, and 16, must be known before it skips anything.</summary>
    public int SpikeWindow { get; init; } = 128;

    /// <summary>Steps skipped in a row, for a spike or for what is not finite, after which to end; 0 for any number.</summary>
    public int MaximumSkippedSteps { get; init; } = 10;

    /// <summary>Steps between evaluations on the whole validation part.</summary>
    public int EvaluateEvery { get; init; } = 250;

    /// <summary>Evaluations in a row without a lower validation loss after which to end; 0 for any number.</summary>
    public int Patience { get; init; }

    /// <summary>Random batches of both parts whose loss is estimated with each evaluation, as tutorials do; 0 for none.</summary>
    public int EstimateBatches { get; init; }

    /// <summary>Steps between lines of the metrics file.</summary>
    public int ReportEvery { get; init; } = 10;

    /// <summary>Steps between checkpoints; one is also saved before each evaluation.</summary>
    public int SaveEvery { get; init; } = 250;

    /// <summary>Newest checkpoints kept, besides the one of the best model and the one that the run was resumed from.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Sequences per pass with the default filled in.</summary>
    public int EffectiveMicroBatchSize => MicroBatchSize == 0 ? BatchSize : Math.Min(MicroBatchSize, BatchSize);

    /// <summary>Last step with the default filled in.</summary>
    public int LastStep => StopAt == 0 ? Steps : Math.Min(StopAt, Steps);

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is outside its range; the message names it, its value and what would be valid.</exception>
    public void Validate()
    {
        RequireCount(BatchSize, nameof(BatchSize), 1);
        RequireCount(MicroBatchSize, nameof(MicroBatchSize), 0);
        RequireCount(Steps, nameof(Steps), 1);
        RequireCount(StopAt, nameof(StopAt), 0);
        RequireCount(WarmupSteps, nameof(WarmupSteps), 0);
        RequireCount(EvaluateEvery, nameof(EvaluateEvery), 1);
        RequireCount(Patience, nameof(Patience), 0);
        RequireCount(MaximumSkippedSteps, nameof(MaximumSkippedSteps), 0);
        RequireCount(EstimateBatches, nameof(EstimateBatches), 0);
        RequireCount(ReportEvery, nameof(ReportEvery), 1);
        RequireCount(SaveEvery, nameof(SaveEvery), 1);
        RequireCount(KeepCheckpoints, nameof(KeepCheckpoints), 1);
        Require(LearningRate is > 0 and <= 100, LearningRate, nameof(LearningRate), "above 0 and at most 100");
        Require(
            Schedule == ScheduleKind.Constant || (MinimumLearningRate >= 0 && MinimumLearningRate <= LearningRate),
            MinimumLearningRate, nameof(MinimumLearningRate), $"0 to {nameof(LearningRate)} ({LearningRate})");
        Require(Beta1 is >= 0 and <= LargestBeta, Beta1, nameof(Beta1), $"0 to {LargestBeta}");
        Require(Beta2 is >= 0 and <= LargestBeta, Beta2, nameof(Beta2), $"0 to {LargestBeta}");
        Require(Epsilon is >= SmallestEpsilon and <= 1, Epsilon, nameof(Epsilon), $"{SmallestEpsilon} to 1");
        Require(WeightDecay is >= 0 and <= 100, WeightDecay, nameof(WeightDecay), "0 to 100");
        Require(
            WeightDecay * LearningRate <= 1, WeightDecay, nameof(WeightDecay),
            $"at most 1 / {nameof(LearningRate)} ({1 / LearningRate}), or weights would change their sign");
        Require(ClipNorm is >= 0 and < double.PositiveInfinity, ClipNorm, nameof(ClipNorm), "at least 0 and finite");
        Require(SpikeThreshold is 0 or (>= 1 and <= 1000), SpikeThreshold, nameof(SpikeThreshold), "0 for none, or 1 to 1000");
        Require(SpikeWindow is >= 16 and <= 10_000, SpikeWindow, nameof(SpikeWindow), "16 to 10000");
        if (!Enum.IsDefined(Precision))
        {
            throw new ArgumentException($"{nameof(Precision)} {Precision} does not exist; choose {string.Join(", ", Enum.GetNames<Precision>())}.");
        }

        if (!Enum.IsDefined(Schedule))
        {
            throw new ArgumentException($"{nameof(Schedule)} {Schedule} does not exist; choose {string.Join(", ", Enum.GetNames<ScheduleKind>())}.");
        }
    }

    /// <summary>Learning rate of the step that follows <paramref name="stepsDone"/> others.</summary>
    public double LearningRateAt(long stepsDone)
    {
        if (stepsDone < WarmupSteps)
        {
            return LearningRate * (stepsDone + 1) / (WarmupSteps + 1);
        }

        var progress = Math.Min(1, (double)(stepsDone - WarmupSteps) / Math.Max(1, Steps - WarmupSteps));
        var share = Schedule switch
        {
            ScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            ScheduleKind.Linear => 1 - progress,
            _ => 1,
        };
        return Schedule == ScheduleKind.Constant ? LearningRate : MinimumLearningRate + (share * (LearningRate - MinimumLearningRate));
    }

    /// <summary>The same with a precision that kernels compute with.</summary>
    public TrainingOptions ResolvedFor(IKernels kernels) => Precision == Precision.Auto ? this with { Precision = kernels.FastestPrecision } : this;

    private static void RequireCount(int value, string name, int smallest)
        => Require(value >= smallest && value <= MaximumCount, value, name, $"{smallest} to {MaximumCount}");

    private static void Require(bool isValid, double value, string name, string range)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{name} is {value}; it must be {range}.");
        }
    }
}
