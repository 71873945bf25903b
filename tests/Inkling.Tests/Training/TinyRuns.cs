using System.Text;
using Inkling.Data;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>Runs of the tiny training in folders of their own, and what is compared of them.</summary>
internal sealed class TinyRuns : IDisposable
{
    public static readonly TextCorpus Corpus = new("words", Encoding.UTF8.GetBytes(TinyTraining.Text));

    public static readonly RunSettings Settings = new()
    {
        CorpusPath = "words.txt",
        Model = TinyTraining.Model,
        Training = TinyTraining.Options with { Steps = 6, WarmupSteps = 1, EvaluateEvery = 2, SaveEvery = 3, ReportEvery = 1 },
    };

    private readonly TemporaryFolder _folder = new();

    public IKernels Kernels { get; } = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });

    public string this[string name] => _folder[name];

    public TrainingRun Start(string name, RunSettings? settings = null, TextCorpus? corpus = null)
        => TrainingRun.Start(settings ?? Settings, corpus ?? Corpus, _folder[name], Kernels);

    public TrainingRun Resume(string name, Func<TrainingOptions, TrainingOptions>? change = null, TextCorpus? corpus = null)
    {
        var settings = TrainingRun.ReadSettings(_folder[name]);
        return TrainingRun.Resume(
            settings with { Training = change?.Invoke(settings.Training) ?? settings.Training }, corpus ?? Corpus, _folder[name], Kernels);
    }

    /// <summary>Everything a finished run has: weights, moments, metrics and the best model.</summary>
    public Outcome Finish(TrainingRun run)
    {
        using (run)
        {
            var events = run.Continue().ToList();
            var optimizer = run.Trainer.Optimizer;
            return new Outcome(
                events,
                [
                    .. TinyTraining.Read(Kernels, run.Model.Parameters.Values),
                    .. TinyTraining.Read(Kernels, optimizer.FirstMoments),
                    .. TinyTraining.Read(Kernels, optimizer.SecondMoments),
                ],
                File.ReadAllText(Path.Combine(run.FolderPath, "metrics.jsonl")),
                File.ReadAllBytes(Path.Combine(run.FolderPath, "model.safetensors")));
        }
    }

    /// <summary>Kills a run after each of its events in turn and resumes it; each ends like the one that was left alone.</summary>
    public void EqualsItselfKilledAnywhere(RunSettings settings, TextCorpus corpus)
    {
        var whole = Finish(Start("whole", settings, corpus));
        for (var killedAfter = 0; killedAfter <= whole.Events.Count; killedAfter++)
        {
            var name = $"killed-{killedAfter}";
            using (var run = Start(name, settings, corpus))
            {
                _ = run.Continue().Take(killedAfter).Count();
            }

            var resumed = Finish(Resume(name, corpus: corpus));
            Assert.Equal(whole.State, resumed.State);
            Assert.Equal(whole.Metrics, resumed.Metrics);
            Assert.Equal(whole.Model, resumed.Model);
            Assert.Equal(whole.Events[^1], resumed.Events[^1]);
        }
    }

    public void Dispose()
    {
        Kernels.Dispose();
        _folder.Dispose();
    }

    /// <summary>What a run came to.</summary>
    public sealed record Outcome(IReadOnlyList<TrainingEvent> Events, float[] State, string Metrics, byte[] Model);
}
