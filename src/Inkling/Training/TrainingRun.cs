using System.Reflection;
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

    private readonly RunCorpus _corpus;
    private readonly List<string> _notes = [];
    private RunFolder? _folder;
    private MetricsLog? _metrics;
    private LossHistory _losses = new();
    private long _savedStep = -1;
    private bool _evaluationOwed;

    private TrainingRun(RunSettings settings, RunCorpus corpus, IKernels kernels)
    {
        _corpus = corpus;
        Settings = settings with
        {
            CorpusSha256 = corpus.Text.Sha256,
            Model = settings.Model with { VocabularySize = corpus.Tokenizer.VocabularySize },
        };
        corpus.Data.RequireContext(Settings.Model.ContextLength);
        Model = new Gpt(Settings.Model, kernels);
        Trainer = new Trainer(Model, corpus.Data, Settings.Training);
    }

    /// <summary>What the run was begun with.</summary>
    public RunSettings Settings { get; }

    /// <summary>The model as it is now; the best so far is in the folder.</summary>
    public Gpt Model { get; }

    /// <summary>What the tokens are.</summary>
    public Tokenizer Tokenizer => _corpus.Tokenizer;

    /// <summary>Takes the steps.</summary>
    public Trainer Trainer { get; }

    /// <summary>The folder, which is a model folder once an evaluation has been done.</summary>
    public string FolderPath => _folder!.FolderPath;

    /// <summary>What happened while the run was opened, one line each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Lowest validation loss so far in nats per token; null before the first evaluation.</summary>
    public double? BestValidationLoss => _losses.BestValidationLoss;

    /// <summary>Step of the lowest validation loss so far.</summary>
    public long BestStep => _losses.BestStep;

    /// <summary>Begins a run in a new folder. Nothing is written unless everything fits.</summary>
    /// <param name="settings">What to train and how.</param>
    /// <param name="corpus">From <see cref="RunSettings.OpenCorpus"/>.</param>
    /// <param name="folderPath">A folder that does not exist, or is empty.</param>
    /// <param name="kernels">What computes.</param>
    /// <param name="tokenizer">What makes tokens of the text; null for its characters, or for that of the model in <see cref="RunSettings.From"/>.</param>
    /// <exception cref="ArgumentException">A setting is not valid, or does not fit the model to go on from.</exception>
    /// <exception cref="CorpusException">The corpus is too short, or has a character that the tokenizer lacks.</exception>
    /// <exception cref="FormatException">The corpus is not UTF-8, or the model to go on from is damaged.</exception>
    /// <exception cref="RunFolderException">The folder cannot take a run.</exception>
    public static TrainingRun Start(RunSettings settings, TextCorpus corpus, string folderPath, IKernels kernels, Tokenizer? tokenizer = null)
    {
        settings.Training.Validate();
        if (settings.From is { } from)
        {
            if (tokenizer is not null)
            {
                throw new ArgumentException("A run that goes on from a model takes that model's tokenizer; leave it out.", nameof(tokenizer));
            }

            var (origin, description) = from.Open(settings.Model);
            (settings, tokenizer) = (settings with { From = origin }, description.Tokenizer);
        }

        tokenizer ??= CharacterTokenizer.Train(corpus.Bytes.Span);
        var run = new TrainingRun(settings, new RunCorpus(corpus, settings.CorpusDescription, tokenizer), kernels);
        try
        {
            run.SetFirstWeights();
            run._folder = RunFolder.Create(folderPath);
            AtomicFile.Write(Path.Combine(folderPath, ModelFolder.TokenizerName), run.Tokenizer.Save);
            RunSettingsFile.Write(Path.Combine(folderPath, SettingsName), run.Settings);
            run._metrics = new MetricsLog(run._folder.MetricsPath);
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
    /// <param name="corpus">From <see cref="RunSettings.OpenCorpus"/>.</param>
    /// <param name="folderPath">The run's folder.</param>
    /// <param name="kernels">What computes; any number of threads gives the same run, other vectors another rounding.</param>
    /// <exception cref="RunFolderException">The folder is in use, or the run was begun with other settings or another text; the message has the differences.</exception>
    /// <exception cref="FormatException">The corpus or a file of the run is damaged.</exception>
    public static TrainingRun Resume(RunSettings settings, TextCorpus corpus, string folderPath, IKernels kernels)
    {
        settings.Training.Validate();
        var folder = RunFolder.Resume(folderPath);
        TrainingRun? run = null;
        try
        {
            var begun = ReadSettings(folderPath);
            if (begun.CorpusSha256 is { } sha256 && sha256 != corpus.Sha256)
            {
                throw new RunFolderException($"{folderPath} cannot be resumed: the text at {settings.CorpusDescription} is not the one it was begun with.");
            }

            var tokenizerPath = Path.Combine(folderPath, ModelFolder.TokenizerName);
            var tokenizer = File.Exists(tokenizerPath)
                ? ModelFolder.ReadTokenizer(tokenizerPath, begun.Model)
                : CharacterTokenizer.Train(corpus.Bytes.Span); // begun before runs kept it from the start
            var encoded = new RunCorpus(corpus, settings.CorpusDescription, tokenizer);
            run = new TrainingRun(settings with { From = begun.From }, encoded, kernels) { _folder = folder };
            run.RestoreNewest(begun);
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

    /// <summary>Trains to the last step, until patience is at an end, or until cancelled; then everything is saved first.</summary>
    /// <exception cref="IOException">A checkpoint or the model cannot be written.</exception>
    public IEnumerable<TrainingEvent> Continue(CancellationToken cancellation = default)
    {
        var options = Settings.Training;
        if (_evaluationOwed && _savedStep < 0)
        {
            // From here on the run needs the model that it goes on from no more.
            yield return Save();
        }

        while (true)
        {
            // Saved first, evaluated then: an evaluation that was cut short is still owed when the run goes on.
            if (_evaluationOwed && Evaluate(cancellation) is { } evaluated)
            {
                yield return evaluated;
                if (HasEnded)
                {
                    // So that a finished run owes nothing.
                    yield return Save();
                }
            }

            if (HasEnded || TrainStep(cancellation) is not { } result)
            {
                break;
            }

            _losses.AddStep(result);
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

        yield return new RunEnded(Trainer.Step, (_evaluationOwed, IsComplete, IsOutOfPatience) switch
        {
            (false, true, _) => RunEndReason.Completed,
            (false, _, true) => RunEndReason.OutOfPatience,
            _ => RunEndReason.Interrupted,
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics?.Dispose();
        _folder?.Dispose();
        Trainer.Dispose();
        Model.Dispose();
    }

    /// <summary>Whether <see cref="Continue"/> has no step left to take: the last one is done, or patience is at an end.</summary>
    public bool HasEnded => IsComplete || IsOutOfPatience;

    private bool IsComplete => Trainer.Step >= Settings.Training.LastStep;

    private bool IsOutOfPatience
        => Settings.Training.Patience is > 0 and var patience && _losses.EvaluationsWithoutImprovement >= patience;

    private void RestoreNewest(RunSettings begun)
    {
        var now = State();
        RequireSame(now with
        {
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
            begun.From?.RequireUnchanged(FolderPath);
            _notes.Add("There is no checkpoint yet: the run begins at step 0.");
            SetFirstWeights();
            MetricsLog.CutBackTo(_folder!.MetricsPath, 0, _evaluationOwed);
            return;
        }

        var state = checkpoint.State;

        // A state that is older than a field of the shape means its default, as run.json does.
        RequireSame(state with { Model = GptConfigJson.Write(GptConfigJson.Read(checkpoint.FolderPath, state.Model, "$.model")) });
        checkpoint.Restore(Model.Parameters, Trainer.Optimizer.FirstMoments, Trainer.Optimizer.SecondMoments);
        Trainer.ContinueFrom(state.Step, state.Update);
        _losses = new LossHistory(state);
        (_evaluationOwed, _savedStep) = (state.EvaluationOwed, state.Step);
        MetricsLog.CutBackTo(_folder!.MetricsPath, state.Step, _evaluationOwed);
        _notes.Add($"The run goes on at step {state.Step}.");
        if (state.Kernels != KernelName)
        {
            _notes.Add($"It was computed by {state.Kernels} and is now by {KernelName}: results may differ in their last bits.");
        }

        if (IsOutOfPatience && !IsComplete && !_evaluationOwed)
        {
            _notes.Add($"It has ended: {_losses.EvaluationsWithoutImprovement} evaluations in a row were no better than the best, at step {BestStep}. "
                + "A larger --patience, or 0, goes on.");
        }
    }

    private void RequireSame(TrainingState saved)
    {
        string[] differences = [.. saved.DifferencesTo(State())];
        if (differences.Length > 0)
        {
            throw new RunFolderException(
                $"{FolderPath} cannot be resumed with other settings: {string.Join("; ", differences)}. Leave them out, or begin another run with --out.");
        }
    }

    /// <summary>What computes, without the number of threads, which changes nothing.</summary>
    private string KernelName => Model.Parameters.Kernels.Description.Split(',')[0];

    private TrainingState State() => _losses.Into(new TrainingState
    {
        Version = Version,
        Kernels = KernelName,
        Step = Trainer.Step,
        Update = Trainer.Updates,
        EvaluationOwed = _evaluationOwed,
        Seed = Settings.Training.Seed,
        CorpusSha256 = _corpus.Text.Sha256,
        TokenizerSha256 = _corpus.TokenizerSha256,
        Model = GptConfigJson.Write(Settings.Model),
        Training = RunSettingsFile.Identity(Settings.Training),
    });

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
        EvaluationResult validation;
        double? trainingEstimate = null, validationEstimate = null;
        try
        {
            validation = Trainer.EvaluateValidation(cancellation);
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

        var isBest = _losses.IsBest(validation.Loss);
        if (isBest)
        {
            ModelFolder.Save(FolderPath, Model, Tokenizer, About(validation.Loss));
        }

        var trainingLoss = _losses.TrainingLoss;
        var isOverfitting = _losses.AddEvaluation(Trainer.Step, validation.Loss);
        var evaluated = new Evaluated(Trainer.Step)
        {
            ValidationLoss = validation.Loss,
            ValidationLossHalfContext = validation.LossHalfContext!.Value, // the validation part is longer than a window
            BestValidationLoss = BestValidationLoss!.Value,
            IsBest = isBest,
            TrainingLoss = trainingLoss,
            IsOverfitting = isOverfitting,
            TrainingEstimate = trainingEstimate,
            ValidationEstimate = validationEstimate,
        };
        _metrics!.Append(evaluated);
        _evaluationOwed = false;
        return evaluated;
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
            _metrics!.Append(result);
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
            ["name"] = _corpus.Text.Name,
            ["path"] = Settings.CorpusPath,
            ["sceneCharacterCount"] = Settings.CorpusPath is null ? Settings.SceneCharacterCount : null,
            ["bytes"] = _corpus.Text.ByteCount,
            ["sha256"] = _corpus.Text.Sha256,
        },
        ["from"] = RunSettingsFile.ToJson(Settings.From),
        ["training"] = RunSettingsFile.ToJson(Settings.Training),
    };

    /// <summary>Draws them, or takes them from the model to go on from, which is evaluated before its first step on this text.</summary>
    private void SetFirstWeights()
    {
        if (Settings.From is null)
        {
            Model.Parameters.Initialize(Settings.Training.Seed);
            return;
        }

        ModelFolder.LoadWeights(Settings.From.FolderPath, Model);
        if (!Model.Parameters.IsFinite())
        {
            throw new RunFolderException($"{Settings.From.FolderPath} is no model to go on from: some of its weights are not finite.");
        }

        _evaluationOwed = true;
    }
}
