using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>A run keeps the precision that it began with.</summary>
public sealed class PrecisionOfRunTests : IDisposable
{
    private static readonly RunSettings Settings = TinyRuns.Settings with { Training = TinyRuns.Settings.Training with { Precision = Precision.Bfloat16 } };

    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void A_run_in_bfloat16_equals_itself_killed_anywhere() => _runs.EqualsItselfKilledAnywhere(Settings, TinyRuns.Corpus);

    [Theory]
    [InlineData(Precision.Float32, Precision.Bfloat16)]
    [InlineData(Precision.Bfloat16, Precision.Float32)]
    public void A_resume_in_another_precision_is_refused_with_the_difference(Precision begun, Precision now)
    {
        Begin("a", begun);
        Refuses("a", now, $"precision was \"{begun}\" and is \"{now}\"");
    }

    [Fact]
    public void It_is_refused_before_the_first_checkpoint_too()
    {
        _runs.Start("a", Settings).Dispose();
        Refuses("a", Precision.Float32, "precision was \"Bfloat16\" and is \"Float32\"");
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Bfloat16)]
    public void A_resume_that_leaves_it_open_takes_that_of_the_run(Precision precision)
    {
        var whole = _runs.Finish(_runs.Start("whole", With(precision)));
        Begin("a", precision);
        using var resumed = _runs.Resume("a", options => options with { Precision = Precision.Auto });
        Assert.Equal((precision, precision), (resumed.Settings.Training.Precision, resumed.Model.Parameters.Precision));
        Assert.Equal(whole.State, _runs.Finish(resumed).State);
    }

    [Fact]
    public void A_run_that_leaves_it_open_is_begun_in_the_fastest_and_says_which()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1, UsesMachineCode = false });
        TrainingRun.Start(With(Precision.Auto), TinyRuns.Corpus, _runs["plain"], kernels).Dispose();
        Assert.Equal(Precision.Float32, TrainingRun.ReadSettings(_runs["plain"]).Training.Precision);

        _runs.Start("fast", With(Precision.Auto)).Dispose();
        Assert.Equal(_runs.Kernels.FastestPrecision, TrainingRun.ReadSettings(_runs["fast"]).Training.Precision);
    }

    private static RunSettings With(Precision precision) => Settings with { Training = Settings.Training with { Precision = precision } };

    /// <summary>A run that was interrupted after its first checkpoint.</summary>
    private void Begin(string name, Precision precision)
    {
        using var run = _runs.Start(name, With(precision));
        _ = run.Continue().OfType<CheckpointSaved>().First();
    }

    private void Refuses(string name, Precision precision, string difference)
    {
        var refusal = Assert.Throws<RunFolderException>(() => _runs.Resume(name, options => options with { Precision = precision }));
        Assert.Contains(difference, refusal.Message, StringComparison.Ordinal);
    }
}
