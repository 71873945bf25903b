using System.Reflection;
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
    private readonly RunCorpus _corpus;
    private readonly List<string> _notes = [];
    private RunFolder? _folder;
    private RunSaver? _saver;
    private LossHistory _losses = new();
    private bool _evaluationOwed;
    private string? _savedMetrics;

    private TrainingRun(RunSettings settings, RunCorpus corpus, IKernels kernels)
    {
        _corpus = corpus;
        Settings = settings with
        {
            CorpusSha256 = corpus.Text.Sha256,
            Model = settings.Model with { VocabularySize = corpus.Tokenizer.VocabularySize },
            Training = settings.Training.ResolvedFor(kernels),
        };
        corpus.Data.RequireContext(Settings.Model.ContextLength);
        Model = new Gpt(Settings.Model, kernels, Settings.Training.Precision);
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
        => Start(settings, corpus, folderPath, kernels, tokenizer, Storage.Disk);

    internal static TrainingRun Start(
        RunSettings settings, TextCorpus corpus, string folderPath, IKernels kernels, Tokenizer? tokenizer, Storage storage)
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
            RunSaver.RequireRoom(storage, folderPath, run.Model);
            var record = new RunRecord(run.Settings) { Tokenizer = run.Tokenizer };
            run.Open(RunFolder.Create(folderPath, storage), record);
            record.Save(run._folder!);
            run._saver!.OpenMetrics(0, evaluationOwed: false);
            return run;
        }
        catch
        {
            run._folder?.Abandon();
            run.Dispose();
            throw;
        }
    }

    /// <summary>What a run was begun with.</summary>
    /// <exception cref="RunFolderException">There is no such folder, or no run in it.</exception>
    /// <exception cref="ModelFormatException">Its settings are damaged.</exception>
    public static RunSettings ReadSettings(string folderPath) => RunRecord.Read(folderPath).Settings;

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
        => Resume(settings, corpus, folderPath, kernels, Storage.Disk);

    internal static TrainingRun Resume(RunSettings settings, TextCorpus corpus, string folderPath, IKernels kernels, Storage storage)
    {
        settings.Training.Validate();

        // What is no run is refused before anything in it is touched.
        RunRecord.Read(folderPath);
        var folder = RunFolder.Resume(folderPath, storage);
        TrainingRun? run = null;
        try
        {
            var record = RunRecord.Read(folderPath);
            var begun = record.Settings;
            if (begun.CorpusSha256 is { } sha256 && sha256 != corpus.Sha256)
            {
                throw new RunFolderException(
                    $"{folderPath} cannot be resumed: the text at {settings.CorpusDescription} is not the one it was begun with. "
                    + $"Its SHA-256 was {sha256[..16]}... and is {corpus.Sha256[..16]}...");
            }

            var encoded = new RunCorpus(corpus, settings.CorpusDescription, record.Tokenizer ?? CharacterTokenizer.Train(corpus.Bytes.Span));
            var training = settings.Training.Precision == Precision.Auto ? settings.Training with { Precision = begun.Training.Precision } : settings.Training;
            run = new TrainingRun(settings with { From = begun.From, Training = training }, encoded, kernels);
            run.Open(folder, record);
            run.RestoreNewest(begun);
            if (!run.HasEnded)
            {
                RunSaver.RequireRoom(storage, folderPath, run.Model);
            }

            run.Repair(record);
            run.OpenMetrics();
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
    /// <remarks>What cannot be saved on the way is an event, and tried again with the next checkpoint.</remarks>
    /// <exception cref="IOException">At the end something cannot be saved.</exception>
    public IEnumerable<TrainingEvent> Continue(CancellationToken cancellation = default)
    {
        var options = Settings.Training;
        if (_evaluationOwed && _saver!.SavedStep < 0)
        {
            // From here on the run needs the model that it goes on from no more.
            yield return Save();
        }

        while (true)
        {
            // Saved first, evaluated then: an evaluation that was cut short is still owed when the run goes on.
            if (_evaluationOwed && Evaluate(cancellation, out var failed) is { } evaluated)
            {
                yield return evaluated;
                if (failed is not null)
                {
                    yield return failed;
                }
            }

            if (HasEnded || TrainStep(cancellation) is not { } result)
            {
                break;
            }

            _losses.AddStep(result);
            Report(result);
            yield return new StepDone(result);
            if (Trainer.Guard.HasGivenUp)
            {
                break;
            }

            _evaluationOwed = result.Step % options.EvaluateEvery == 0 || result.Step == options.LastStep;
            if (_evaluationOwed || result.Step % options.SaveEvery == 0)
            {
                yield return Save();
            }
        }

        // So that an ended run owes nothing. Where it has given up, the last good checkpoint stays the last.
        if (!Trainer.Guard.HasGivenUp)
        {
            if (!_saver!.IsUpToDate(Trainer.Step, _evaluationOwed))
            {
                yield return Save();
            }

            _saver.RequireSaved();
        }

        yield return new RunEnded(
            Trainer.Step,
            Trainer.Guard.HasGivenUp ? RunEndReason.TooManySkippedSteps
            : _evaluationOwed ? RunEndReason.Interrupted
            : IsComplete ? RunEndReason.Completed
            : IsOutOfPatience ? RunEndReason.OutOfPatience
            : RunEndReason.Interrupted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _saver?.Dispose();
        _folder?.Dispose();
        Trainer.Dispose();
        Model.Dispose();
    }

    /// <summary>Whether <see cref="Continue"/> has no step left to take: the last one is done, patience is at an end, or too many steps were skipped.</summary>
    public bool HasEnded => IsComplete || IsOutOfPatience || Trainer.Guard.HasGivenUp;

    private bool IsComplete => Trainer.Step >= Settings.Training.LastStep;

    private bool IsOutOfPatience
        => Settings.Training.Patience is > 0 and var patience && _losses.EvaluationsWithoutImprovement >= patience;

    private void Open(RunFolder folder, RunRecord record)
    {
        _folder = folder;
        _saver = new RunSaver(folder, record, Settings, _corpus, Model, Trainer.Optimizer);
    }

    private void RestoreNewest(RunSettings begun)
    {
        var now = State();
        RequireSame(now with
        {
            Model = GptConfigJson.Write(begun.Model),
            Training = RunSettingsFile.Identity(begun.Training),
            Precision = begun.Training.Precision,
        });
        var checkpoint = Checkpoint.FindNewest(_folder!, out var skipped, state => state.DifferencesTo(now) is var differences && differences.Any()
            ? $"belongs to another run: {string.Join("; ", differences)}"
            : null);
        if (checkpoint is null && skipped.Count > 0)
        {
            // Beginning again at step 0 would throw away what may still be repaired.
            throw new RunFolderException($"{FolderPath} has no good checkpoint: {string.Join("; ", skipped.Select(each => each.Reason))}. Begin another run with --out.");
        }

        _notes.AddRange(skipped.Select(each => $"Checkpoint left out: {each.Reason}"));
        if (checkpoint is null)
        {
            // Beginning again would put a model of the first steps in the place of this one.
            if (FolderFiles.Open(FolderPath).Has(ModelFolder.WeightsName))
            {
                throw new RunFolderException(
                    $"{FolderPath} has a model but no checkpoint to go on from. Go on from the model with --from {FolderPath}, or begin another run with --out.");
            }

            begun.From?.RequireUnchanged(FolderPath);
            _notes.Add("There is no checkpoint yet: the run begins at step 0.");
            SetFirstWeights();
            return;
        }

        var state = checkpoint.State;
        checkpoint.Restore(Model.Parameters, Trainer.Optimizer.FirstMoments, Trainer.Optimizer.SecondMoments);
        Trainer.ContinueFrom(state.Step, state.Update, state.Guard);
        _losses = new LossHistory(state);
        (_evaluationOwed, _savedMetrics) = (state.EvaluationOwed, state.MetricsSha256);
        _saver!.GoOnFrom(state, skipped.Select(each => each.Step).ToHashSet());
        _notes.Add($"The run goes on at step {state.Step}.");

        if (state.Version != Version)
        {
            _notes.Add($"It was saved by version {state.Version} of Inkling and goes on with {Version}.");
        }

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

    private void OpenMetrics()
    {
        _saver!.OpenMetrics(Trainer.Step, _evaluationOwed);
        if (_savedMetrics is not null && _savedMetrics != _saver.MetricsSha256)
        {
            _notes.Add($"{_folder!.MetricsPath} is not what it was at step {Trainer.Step}: some of it is damaged or gone. That changes no number of the training.");
        }
    }

    /// <summary>Puts back what of the folder is damaged or gone: first what the run was begun with, then the best model.</summary>
    private void Repair(RunRecord record)
    {
        if (record.Detour is { } detour)
        {
            _notes.Add(detour);
            record.Save(_folder!);
        }

        if (_saver!.RepairModel(State()) is { } repaired)
        {
            _notes.Add(repaired);
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
        Guard = Trainer.Guard.State,
        Precision = Model.Parameters.Precision,
        EvaluationOwed = _evaluationOwed,
        MetricsSha256 = _saver?.MetricsSha256,
        Seed = Settings.Training.Seed,
        CorpusSha256 = _corpus.Text.Sha256,
        TokenizerSha256 = _corpus.TokenizerSha256,
        Model = GptConfigJson.Write(Settings.Model),
        Training = RunSettingsFile.Identity(Settings.Training),
    });

    /// <summary>Of the library.</summary>
    internal static string Version { get; } =
        typeof(TrainingRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private TrainingEvent Save() => _saver!.SaveCheckpoint(State());

    private Evaluated? Evaluate(CancellationToken cancellation, out SaveFailed? failed)
    {
        EvaluationResult validation;
        double? trainingEstimate = null, validationEstimate = null;
        failed = null;
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
            failed = _saver!.SaveModel(Trainer.Step, validation.Loss);
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
        _saver!.Metrics.Append(evaluated);
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
            _saver!.Metrics.Append(result, result.IsApplied ? null : Trainer.WindowStarts(result.Step));
        }
    }

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
