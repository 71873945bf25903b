using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Models;

namespace Inkling.Training;

/// <summary>
/// Keeps a run on the disk: metrics, checkpoints, and the best model in its folder. What cannot be saved is tried again with the next checkpoint; at the end of
/// the run that is an error.
/// </summary>
internal sealed class RunSaver(RunFolder folder, RunRecord record, RunSettings settings, RunCorpus corpus, Gpt model, AdamOptimizer optimizer) : IDisposable
{
    private MetricsLog? _metrics;
    private bool _savedOwing;
    private long? _resumedStep;
    private IReadOnlySet<long> _leftOut = new HashSet<long>();
    private string? _checkpointProblem;
    private string? _modelProblem;

    /// <summary>Step of the newest checkpoint; −1 where there is none.</summary>
    public long SavedStep { get; private set; } = -1;

    /// <summary>One line per report.</summary>
    public MetricsLog Metrics => _metrics!;

    /// <summary>Hash of the metrics; null before they are open.</summary>
    public string? MetricsSha256 => _metrics?.Sha256;

    private string LastGood => SavedStep < 0 ? "there is none yet" : $"the last good one is of step {SavedStep}";

    /// <summary>Takes note of the checkpoint that the run goes on from, which stays as long as this object.</summary>
    /// <param name="state">Where it stands.</param>
    /// <param name="leftOut">Steps of checkpoints that the run cannot go on from, which count for none.</param>
    public void GoOnFrom(TrainingState state, IReadOnlySet<long> leftOut)
        => (SavedStep, _resumedStep, _savedOwing, _leftOut) = (state.Step, state.Step, state.EvaluationOwed, leftOut);

    /// <summary>Opens the metrics, without what was reported after a step.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void OpenMetrics(long step, bool evaluationOwed)
    {
        MetricsLog.CutBackTo(folder.Storage, folder.MetricsPath, step, evaluationOwed);
        _metrics = new MetricsLog(folder.Storage, folder.MetricsPath);
    }

    /// <summary>Whether there is nothing to save that has not been saved.</summary>
    public bool IsUpToDate(long step, bool evaluationOwed)
        => (SavedStep, _savedOwing) == (step, evaluationOwed) && (_checkpointProblem ?? _modelProblem) is null;

    /// <summary>Refuses a disk without room for one checkpoint and the model, before the first step.</summary>
    /// <param name="storage">The disk.</param>
    /// <param name="path">Folder of the run; it need not exist.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="RunFolderException">There is too little.</exception>
    public static void RequireRoom(Storage storage, string path, Gpt model)
    {
        var needed = Checkpoint.BytesOf(model.Parameters) + model.Parameters.Values.ByteSize;
        if (storage.FreeBytes(path) is { } free && free < needed)
        {
            throw new RunFolderException(
                $"There is no room for this run in {path}: a checkpoint and the model take {Megabytes(needed)}, and {Megabytes(free)} are free. Make room, or take another disk.");
        }
    }

    /// <summary>Saves a checkpoint and deletes old ones.</summary>
    /// <exception cref="RunFolderException">The weights are not finite, so nothing that follows is worth anything.</exception>
    public TrainingEvent SaveCheckpoint(TrainingState state)
    {
        if (!model.Parameters.IsFinite())
        {
            throw new RunFolderException($"The weights of step {state.Step} are not finite and are not saved; of checkpoints, {LastGood}.");
        }

        string path;
        try
        {
            // First, so that no line is missing before the step that a run goes on from.
            Metrics.Flush();
            path = Checkpoint.Save(folder, record, state, model.Parameters, optimizer.FirstMoments, optimizer.SecondMoments);
        }
        catch (IOException e)
        {
            _checkpointProblem = $"The checkpoint of step {state.Step} cannot be saved; {LastGood}. {Reason(e)}";
            return new SaveFailed(state.Step, _checkpointProblem);
        }

        (SavedStep, _savedOwing, _checkpointProblem) = (state.Step, state.EvaluationOwed, null);
        Checkpoint.DeleteOld(folder, state.Step, settings.Training.KeepCheckpoints, _leftOut, state.BestStep, _resumedStep ?? state.BestStep);
        if (_modelProblem is not null)
        {
            RestoreModel(state);
        }

        return new CheckpointSaved(state.Step, path);
    }

    /// <summary>Makes the model, as it is now, the one in the folder.</summary>
    /// <returns>What went wrong, if anything.</returns>
    public SaveFailed? SaveModel(long step, double validationLoss)
    {
        SaveModel(model, step, validationLoss);
        return _modelProblem is null ? null : new SaveFailed(step, _modelProblem);
    }

    /// <summary>Makes the model of the best checkpoint the one in the folder, where that is damaged, missing or older. The run stands at the state.</summary>
    /// <returns>What was done or could not be; null where all was well.</returns>
    public string? RepairModel(TrainingState state)
    {
        if (state.BestValidationLoss is null || ProblemOfModel(folder.FolderPath, state.BestStep) is not { } problem)
        {
            return null;
        }

        if (RestoreModel(state))
        {
            return $"{problem} The model of step {state.BestStep} is taken from its checkpoint.";
        }

        // Some model rather than none: the run may not find a better one than the best.
        SaveModel(model, state.Step, double.NaN);
        return $"{problem} The checkpoint of the best model, of step {state.BestStep}, is gone: the model of step {state.Step} takes its place until a better one is found.";
    }

    /// <summary>Ends with an error where something is not on the disk that should be.</summary>
    /// <exception cref="RunFolderException">It names what, and what there is.</exception>
    public void RequireSaved()
    {
        var problem = _checkpointProblem ?? _modelProblem;
        try
        {
            FolderUpdate.Finish(folder.Storage, folder.FolderPath);
        }
        catch (IOException e)
        {
            problem ??= $"The best model cannot be moved into place. {Reason(e)}";
        }

        if (problem is not null)
        {
            throw new RunFolderException($"{problem} Make room and go on with --resume --out {folder.FolderPath}");
        }
    }

    public void Dispose() => _metrics?.Dispose();

    // Behind this the name of a temporary file follows.
    private static string Reason(IOException e) => $"{e.Message.Split(" : '")[0].TrimEnd('.')}.";

    private static string Megabytes(long bytes) => $"{Math.Ceiling(bytes / 1e6):N0} MB";

    /// <summary>Whether the folder has the best model now.</summary>
    private bool RestoreModel(TrainingState state)
    {
        if (state.BestValidationLoss is not { } loss || Checkpoint.Find(folder, state.BestStep) is not { } checkpoint)
        {
            return false;
        }

        using var best = new Gpt(model.Config, model.Parameters.Kernels, model.Parameters.Precision);
        checkpoint.RestoreWeights(best.Parameters);
        SaveModel(best, state.BestStep, loss);
        return _modelProblem is null;
    }

    private void SaveModel(Gpt saved, long step, double validationLoss)
    {
        try
        {
            ModelFolder.Save(folder.Storage, folder.FolderPath, saved, corpus.Tokenizer, About(step, validationLoss));
            _modelProblem = null;
        }
        catch (IOException e)
        {
            _modelProblem = $"The best model, of step {step}, cannot be saved, so {folder.FolderPath} has an older one or none. {Reason(e)}";
        }
    }

    /// <summary>What is wrong with the model in the folder; null for nothing.</summary>
    internal static string? ProblemOfModel(string folder, long bestStep)
    {
        try
        {
            return ModelFolder.Verify(folder)["step"] is JsonValue value && value.TryGetValue(out long step) && step >= bestStep
                ? null
                : "The model in the folder is not the best one.";
        }
        catch (ModelFormatException e)
        {
            return $"{e.Message}.";
        }
    }

    private JsonObject About(long step, double validationLoss) => new()
    {
        ["version"] = TrainingRun.Version,
        ["preset"] = settings.Preset,
        ["step"] = step,
        ["validationLoss"] = double.IsFinite(validationLoss) ? validationLoss : null,
        ["corpus"] = new JsonObject
        {
            ["name"] = corpus.Text.Name,
            ["path"] = settings.CorpusPath,
            ["sceneCharacterCount"] = settings.CorpusPath is null ? settings.SceneCharacterCount : null,
            ["bytes"] = corpus.Text.ByteCount,
            ["sha256"] = corpus.Text.Sha256,
        },
        ["from"] = RunSettingsFile.ToJson(settings.From),
        ["training"] = RunSettingsFile.ToJson(settings.Training),
    };
}
