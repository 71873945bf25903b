using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Text;

namespace Inkling.Training;

/// <summary>
/// A training in a folder: it reports what happens as events, saves checkpoints, keeps the best model, and goes on after an
/// interruption as if there had been none.
/// </summary>
/// <remarks>Dispose it before the kernels.</remarks>
public sealed class TrainingRun : IDisposable
{
    private const string SettingsName = "run.json";

    private readonly TextCorpus _corpus;
    private readonly string _tokenizerSha256;
    private readonly List<string> _notes = [];
    private RunFolder? _folder;
    private MetricsLog? _metrics;
    private long _savedStep = -1;
    private long _bestStep;
    private int _evaluationsWithoutImprovement;
    private bool _evaluationOwed;

    private TrainingRun(RunSettings settings, TextCorpus corpus, IKernels kernels)
    {
        settings.Training.Validate();
        Tokenizer = CharacterTokenizer.Train(corpus.Bytes.Span);
        _corpus = corpus;
        _tokenizerSha256 = Hash(Tokenizer);
        Settings = settings with
        {
            CorpusSha256 = corpus.Sha256,
            Model = settings.Model with { VocabularySize = Tokenizer.VocabularySize },
        };

        var tokens = TokenData.From(Tokenizer.Encode(corpus.Bytes.Span), Tokenizer.VocabularySize);
        var data = DataSplit.Split(tokens, Tokenizer);
        data.RequireContext(Settings.Model.ContextLength);
        Model = new Gpt(Settings.Model, kernels);
        Trainer = new Trainer(Model, data, Settings.Training);
    }

    /// <summary>What the run was begun with.</summary>
    public RunSettings Settings { get; }

    /// <summary>The model as it is now; the best so far is in the folder.</summary>
    public Gpt Model { get; }

    /// <summary>Made from the corpus.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Takes the steps.</summary>
    public Trainer Trainer { get; }

    /// <summary>The folder, which is a model folder once an evaluation has been done.</summary>
    public string FolderPath => _folder!.FolderPath;

    /// <summary>What happened while the run was opened, one line each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Lowest validation loss so far in nats per token; null before the first evaluation.</summary>
    public double? BestValidationLoss { get; private set; }

    /// <summary>Begins a run in a new folder. Nothing is written unless everything fits.</summary>
    /// <param name="settings">What to train and how.</param>
    /// <param name="corpus">The text at <see cref="RunSettings.CorpusPath"/>.</param>
    /// <param name="folderPath">A folder that does not exist, or is empty.</param>
    /// <param name="kernels">What computes.</param>
    /// <exception cref="ArgumentException">A setting is not valid.</exception>
    /// <exception cref="CorpusException">The corpus is too short.</exception>
    /// <exception cref="FormatException">The corpus is not UTF-8.</exception>
    /// <exception cref="RunFolderException">The folder cannot take a run.</exception>
    public static TrainingRun Start(RunSettings settings, TextCorpus corpus, string folderPath, IKernels kernels)
    {
        var run = new TrainingRun(settings, corpus, kernels);
        try
        {
            run._folder = RunFolder.Create(folderPath);
            RunSettingsFile.Write(Path.Combine(folderPath, SettingsName), run.Settings);
            run._metrics = new MetricsLog(run._folder.MetricsPath);
            run.Model.Parameters.Initialize(settings.Training.Seed);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>What a run was begun with.</summary>
    /// <exception cref="RunFolderException">There is no such folder, or no run in it.</exception>
    /// <exception cref="ModelFormatException">Its settings are damaged.</exception>
    public static RunSettings ReadSettings(string folderPath)
    {
        RunFolder.RequireExists(folderPath);
        var path = Path.Combine(folderPath, SettingsName);
        return File.Exists(path)
            ? RunSettingsFile.Read(path)
            : throw new RunFolderException($"{folderPath} has no {SettingsName}, so it holds no run to resume.");
    }

    /// <summary>Goes on with a run from its newest good checkpoint, or from step 0 where there is none.</summary>
    /// <param name="settings">
    /// What <see cref="ReadSettings"/> gave; only what changes no number of the training may differ, such as <see cref="TrainingOptions.StopAt"/>.
    /// </param>
    /// <param name="corpus">The text at <see cref="RunSettings.CorpusPath"/>.</param>
    /// <param name="folderPath">The run's folder.</param>
    /// <param name="kernels">What computes; any number of threads gives the same run, other vectors another rounding.</param>
    /// <exception cref="RunFolderException">The folder is in use, or the run was begun with other settings or another text; the message has the differences.</exception>
    /// <exception cref="FormatException">The corpus or a file of the run is damaged.</exception>
    public static TrainingRun Resume(RunSettings settings, TextCorpus corpus, string folderPath, IKernels kernels)
    {
        var folder = RunFolder.Resume(folderPath);
        TrainingRun? run = null;
        try
        {
            run = new TrainingRun(settings, corpus, kernels) { _folder = folder };
            run.RestoreNewest(ReadSettings(folderPath));
            run._metrics = new MetricsLog(folder.MetricsPath);
            return run;
        }
        catch
        {
            folder.Dispose();
            run?.Dispose();
            throw;
        }
    }

    /// <summary>Trains to the last step, or until cancelled; then everything is saved first.</summary>
    /// <exception cref="IOException">A checkpoint or the model cannot be written.</exception>
    public IEnumerable<TrainingEvent> Continue(CancellationToken cancellation = default)
    {
        var options = Settings.Training;
        while (true)
        {
            // Saved first, evaluated then: an evaluation that was cut short is still owed when the run goes on.
            if (_evaluationOwed && Evaluate(cancellation) is { } evaluated)
            {
                yield return evaluated;
                if (Trainer.Step >= options.LastStep)
                {
                    // So that a finished run owes nothing.
                    yield return Save();
                }
            }

            if (Trainer.Step >= options.LastStep || TrainStep(cancellation) is not { } result)
            {
                break;
            }

            Report(result);
            yield return new StepDone(result);

            _evaluationOwed = result.Step % options.EvaluateEvery == 0 || result.Step == options.LastStep;
            if (_evaluationOwed || result.Step % options.SaveEvery == 0)
            {
                yield return Save();
            }
        }

        if (Trainer.Step < options.LastStep && Trainer.Step != _savedStep)
        {
            yield return Save();
        }

        yield return new RunEnded(Trainer.Step, IsInterrupted: Trainer.Step < options.LastStep || _evaluationOwed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics?.Dispose();
        _folder?.Dispose();
        Trainer.Dispose();
        Model.Dispose();
    }

    private void RestoreNewest(RunSettings begun)
    {
        var now = State();
        RequireSame(now with
        {
            CorpusSha256 = begun.CorpusSha256 ?? _corpus.Sha256,
            Model = GptConfigJson.Write(begun.Model),
            Training = RunSettingsFile.Identity(begun.Training),
        });
        var checkpoint = Checkpoint.FindNewest(_folder!, out var skipped);
        if (checkpoint is null && skipped.Count > 0)
        {
            // Beginning again at step 0 would throw away what may still be repaired.
            throw new RunFolderException($"{FolderPath} has no good checkpoint: {string.Join("; ", skipped)}. Begin another run with --out.");
        }

        _notes.AddRange(skipped.Select(reason => $"Checkpoint left out: {reason}"));
        if (checkpoint is null)
        {
            _notes.Add("There is no checkpoint yet: the run begins at step 0.");
            Model.Parameters.Initialize(Settings.Training.Seed);
            MetricsLog.CutBackTo(_folder!.MetricsPath, 0);
            return;
        }

        var state = checkpoint.State;
        RequireSame(state);
        checkpoint.Restore(Model.Parameters, Trainer.Optimizer.FirstMoments, Trainer.Optimizer.SecondMoments);
        Trainer.ContinueFrom(state.Step, state.Update);
        (BestValidationLoss, _bestStep, _evaluationsWithoutImprovement) = (state.BestValidationLoss, state.BestStep, state.EvaluationsWithoutImprovement);
        (_evaluationOwed, _savedStep) = (state.EvaluationOwed, state.Step);
        MetricsLog.CutBackTo(_folder!.MetricsPath, state.Step, owedField: _evaluationOwed ? "validationLoss" : null);
        _notes.Add($"The run goes on at step {state.Step}.");
        if (state.Kernels != KernelName)
        {
            _notes.Add($"It was computed by {state.Kernels} and is now by {KernelName}: results may differ in their last bits.");
        }
    }

    private void RequireSame(TrainingState saved)
    {
        var now = State();
        if (saved.CorpusSha256 != now.CorpusSha256)
        {
            throw new RunFolderException($"{FolderPath} cannot be resumed: the text at {Settings.CorpusPath} is not the one it was begun with.");
        }

        string[] differences = [.. saved.DifferencesTo(now)];
        if (differences.Length > 0)
        {
            throw new RunFolderException(
                $"{FolderPath} cannot be resumed with other settings: {string.Join("; ", differences)}. Leave them out, or begin another run with --out.");
        }
    }

    /// <summary>What computes, without the number of threads, which changes nothing.</summary>
    private string KernelName => Model.Parameters.Kernels.Description.Split(',')[0];

    private TrainingState State() => new()
    {
        Version = Version,
        Kernels = KernelName,
        Step = Trainer.Step,
        Update = Trainer.Updates,
        BestValidationLoss = BestValidationLoss,
        BestStep = _bestStep,
        EvaluationOwed = _evaluationOwed,
        EvaluationsWithoutImprovement = _evaluationsWithoutImprovement,
        Seed = Settings.Training.Seed,
        CorpusSha256 = _corpus.Sha256,
        TokenizerSha256 = _tokenizerSha256,
        Model = GptConfigJson.Write(Settings.Model),
        Training = RunSettingsFile.Identity(Settings.Training),
    };

    private static string Version { get; } =
        typeof(TrainingRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private CheckpointSaved Save()
    {
        try
        {
            var path = Checkpoint.Save(
                _folder!, State(), Model.Parameters, Trainer.Optimizer.FirstMoments, Trainer.Optimizer.SecondMoments, Settings.Training.KeepCheckpoints);
            _savedStep = Trainer.Step;
            return new CheckpointSaved(Trainer.Step, path);
        }
        catch (IOException e)
        {
            var last = _savedStep < 0 ? "there is none before it" : $"the last good one is of step {_savedStep}";
            throw new RunFolderException(
                $"The checkpoint of step {Trainer.Step} cannot be saved; {last}. {e.Message} Make room and go on with --resume --out {FolderPath}", e);
        }
    }

    private Evaluated? Evaluate(CancellationToken cancellation)
    {
        double loss;
        double? trainingEstimate = null, validationEstimate = null;
        try
        {
            loss = Trainer.EvaluateValidation(cancellation).Loss;
            if (Settings.Training.EstimateBatches is > 0 and var count)
            {
                trainingEstimate = Trainer.EstimateLoss(Trainer.Data.Training, count, cancellation);
                validationEstimate = Trainer.EstimateLoss(Trainer.Data.Validation, count, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        // Until a finite loss has been seen, any model is better than none.
        var isBest = BestValidationLoss is not { } best || double.IsNaN(best) || loss < best;
        if (isBest)
        {
            ModelFolder.Save(FolderPath, Model, Tokenizer, About(loss));
            (BestValidationLoss, _bestStep, _evaluationsWithoutImprovement) = (loss, Trainer.Step, 0);
        }
        else
        {
            _evaluationsWithoutImprovement++;
        }

        var report = new JsonObject { ["validationLoss"] = loss, ["bestValidationLoss"] = BestValidationLoss };
        if (trainingEstimate is not null)
        {
            (report["trainingEstimate"], report["validationEstimate"]) = (trainingEstimate, validationEstimate);
        }

        _metrics!.Append(Trainer.Step, report);
        _evaluationOwed = false;
        return new Evaluated(Trainer.Step, loss, BestValidationLoss!.Value, isBest, trainingEstimate, validationEstimate);
    }

    private StepResult? TrainStep(CancellationToken cancellation)
    {
        try
        {
            return Trainer.TrainStep(cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private void Report(StepResult result)
    {
        var options = Settings.Training;
        if (result.Step % options.ReportEvery == 0 || result.Step == 1 || result.Step == options.LastStep || !result.IsApplied)
        {
            _metrics!.Append(result.Step, new JsonObject
            {
                ["loss"] = result.Loss,
                ["gradientNorm"] = result.GradientNorm,
                ["learningRate"] = result.LearningRate,
                ["isApplied"] = result.IsApplied,
            });
        }
    }

    private JsonObject About(double validationLoss) => new()
    {
        ["version"] = Version,
        ["preset"] = Settings.Preset,
        ["step"] = Trainer.Step,
        ["validationLoss"] = double.IsFinite(validationLoss) ? validationLoss : null,
        ["corpus"] = new JsonObject
        {
            ["name"] = _corpus.Name,
            ["path"] = Settings.CorpusPath,
            ["bytes"] = _corpus.ByteCount,
            ["sha256"] = _corpus.Sha256,
        },
        ["training"] = RunSettingsFile.ToJson(Settings.Training),
    };

    private static string Hash(Tokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        tokenizer.Save(stream);
        return Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()));
    }
}
