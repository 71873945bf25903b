using System.Text.Json;
using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Formats;

namespace Inkling.Training.Verification;

/// <summary>
/// All that is wrong with the folder of a model, a run or a checkpoint: what is missing or damaged by size, hash, syntax, shape or value, and what does not belong
/// together. It only reads.
/// </summary>
/// <remarks>A run may be training in the folder meanwhile: what it has just replaced is looked at again, and what it has deleted is left out.</remarks>
public sealed class FolderVerification
{
    private const string JournalName = "journal.jsonl";

    private static readonly string[] OfModel = [.. ModelFolder.Needed, ModelFolder.TokenizerConfigName, ModelFolder.GenerationConfigName];

    private readonly Action<string, long> _read;
    private readonly RunRecord? _run;
    private readonly List<CheckpointCheck> _checkpoints = [];
    private readonly List<VerifiedFile> _leftovers = [];
    private readonly string? _corpusSha256;

    private FolderVerification(string folder, FolderKind kind, Action<string, long> read)
    {
        (FolderPath, Kind, _read) = (folder, kind, read);
        if (kind == FolderKind.Checkpoint)
        {
            Files = [.. Settled(folder, () => CheckpointCheck.Of(folder, "", run: null, read), check => check.Files).Files.Found];
            CheckpointCount = 1;
            return;
        }

        _run = kind == FolderKind.Run ? ReadRecord() : null;
        _corpusSha256 = _run is null ? null : CorpusSha256(_run.Settings);

        // Before the folder itself: a checkpoint is never ahead of the metrics and the best model.
        CheckCheckpoints();
        CheckLeftovers(folder, "");
        var root = Settled(folder, CheckRoot, check => check);
        Files = [.. root.Found, .. _checkpoints.SelectMany(check => check.Files.Found), .. _leftovers];
        CheckpointCount = _checkpoints.Count;
        FindRemedy(root);
    }

    /// <summary>The folder.</summary>
    public string FolderPath { get; }

    /// <summary>What it holds.</summary>
    public FolderKind Kind { get; }

    /// <summary>Every file that was looked at or is missing.</summary>
    public IReadOnlyList<VerifiedFile> Files { get; }

    /// <summary>Checkpoints, good and bad.</summary>
    public int CheckpointCount { get; }

    /// <summary>How much is wrong.</summary>
    public int FaultCount => Files.Sum(file => file.Faults.Count);

    /// <summary>Step at which the run can be resumed; null where it cannot, or there is no run.</summary>
    public long? ResumeStep { get; private set; }

    /// <summary>Whether resuming the run brings a damaged or missing model back, from its checkpoint.</summary>
    public bool RestoresModel { get; private set; }

    /// <summary>Looks at a folder.</summary>
    /// <param name="folder">Of a model, a run or a checkpoint.</param>
    /// <param name="progress">Told which file is being read, and how many bytes of it have been read since it was told before.</param>
    /// <exception cref="ModelFormatException">There is no such folder, or it holds nothing of the kind.</exception>
    public static FolderVerification Of(string folder, Action<string, long>? progress = null)
        => !Directory.Exists(folder)
            ? throw new ModelFormatException(folder, File.Exists(folder) ? "is a file, not a folder" : "there is no such folder")
            : new FolderVerification(
                folder,
                KindOf(folder) ?? throw new ModelFormatException(folder, "holds neither a model nor a run nor a checkpoint"),
                progress ?? ((_, _) => { }));

    private static FolderKind? KindOf(string folder)
    {
        var files = FolderFiles.Open(folder, out _);
        string[] ofCheckpoints = [Checkpoint.StateName, Checkpoint.WeightsName, Checkpoint.FirstMomentsName, Checkpoint.SecondMomentsName];
        return Directory.Exists(RunFolder.CheckpointsOf(folder)) || files.Has(RunFolder.MetricsName) ? FolderKind.Run
            : files.Manifest?.Step is not null || ofCheckpoints.Any(files.Has) ? FolderKind.Checkpoint
            : files.Has(RunRecord.SettingsName) ? FolderKind.Run
            : files.Manifest is not null || ModelFolder.Needed.Any(files.Has) ? FolderKind.Model
            : null;
    }

    /// <summary>Looks again where something is wrong and an update came between.</summary>
    private static T Settled<T>(string folder, Func<T> check, Func<T, FolderCheck> filesOf)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = FolderFiles.UpdateOf(folder);
            var result = check();
            if (attempt == FolderFiles.MostAttempts || filesOf(result).IsSound || !FolderFiles.IsUpdatedSince(folder, before))
            {
                return result;
            }
        }
    }

    private RunRecord? ReadRecord()
    {
        try
        {
            return RunRecord.Read(FolderPath);
        }
        catch (Exception e) when (e is RunFolderException or ModelFormatException)
        {
            return null; // what is wrong is found where the file is looked at
        }
    }

    private void CheckCheckpoints()
    {
        var all = Checkpoint.List(FolderPath);
        foreach (var (path, step, isReplaced) in all)
        {
            var prefix = Relative(path) + "/";
            if (isReplaced && all.Any(other => other.Step == step && !other.IsReplaced))
            {
                AddLeftover(path, "left behind when the checkpoint of this step was saved again; resuming removes it");
                continue;
            }

            var check = Settled(path, () => CheckpointCheck.Of(path, prefix, _run, _read), result => result.Files);
            if (Directory.Exists(path))
            {
                _checkpoints.Add(check);
            }
        }

        var folder = RunFolder.CheckpointsOf(FolderPath);
        if (Directory.Exists(folder))
        {
            CheckLeftovers(folder, "checkpoints/");
            foreach (var path in Directory.EnumerateFileSystemEntries(folder).Where(path => !IsUnfinished(path) && !all.Any(known => known.Path == path)))
            {
                AddLeftover(path, "has no name of a checkpoint, so no run goes on from it");
            }
        }
    }

    private void CheckLeftovers(string folder, string prefix)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).Where(IsUnfinished))
        {
            AddLeftover(path, "left behind by a save that was cut short, unless one is going on; resuming removes it");
        }

        if (prefix.Length == 0 && Directory.Exists(FolderUpdate.Incoming(folder)))
        {
            AddLeftover(FolderUpdate.Incoming(folder), "an update on its way, or cut short: its files count already, and resuming puts them in their place");
        }
    }

    private void AddLeftover(string path, string note)
    {
        var isFolder = Directory.Exists(path);
        var leftover = new VerifiedFile(Relative(path) + (isFolder ? "/" : ""), bytes: null);
        leftover.AddNote(note);
        _leftovers.Add(leftover);
    }

    private FolderCheck CheckRoot()
    {
        var check = new FolderCheck(FolderPath, "", _read);
        if (!check.Files.Has(Manifest.FileName))
        {
            check[Manifest.FileName].AddNote("there is none, as from before there were any: nobody can tell whether the files are as they were written");
        }

        var settings = Kind == FolderKind.Run ? check.Check(RunRecord.SettingsName, (_, path) => RunSettingsFile.Read(path, JsonFile.Read(path))) : null;
        var newest = _checkpoints.Find(each => each.IsUsable)?.State;
        if (Kind == FolderKind.Model || newest?.BestValidationLoss is not null || HasModel(check))
        {
            CheckModel(check, settings ?? _run?.Settings, newest);
        }
        else if (check.Expects(ModelFolder.TokenizerName))
        {
            check.Check(ModelFolder.TokenizerName, (_, path) => ModelFolder.ReadTokenizer(path, listed: null, settings?.Model));
        }

        check.CheckRest();
        check.RequireListed(OfModel);
        if (check.IsUnlisted(RunRecord.SettingsName))
        {
            check[RunRecord.SettingsName].AddNote($"is not listed in {Manifest.FileName}, as from before it was: nobody can tell whether it is as it was written");
        }

        if (Kind == FolderKind.Run)
        {
            CheckCorpus(check);
            CheckLogs(check, newest);
        }

        return check;
    }

    /// <summary>Whether there is a model, or some of one. A run has its tokenizer from the start.</summary>
    private static bool HasModel(FolderCheck check)
        => new[] { ModelFolder.ConfigName, ModelFolder.WeightsName, ModelFolder.InklingName }.Any(check.Expects);

    private static void CheckModel(FolderCheck check, RunSettings? settings, TrainingState? newest)
    {
        JsonObject? about = null;
        var config = check.Check(ModelFolder.InklingName, (_, path) =>
        {
            (var read, about) = ModelFolder.ReadInkling(path, listed: null);
            return read;
        }) ?? settings?.Model;
        check.Check(ModelFolder.ConfigName, (file, path) =>
        {
            var found = JsonFile.Read(path);
            foreach (var difference in config is null ? [] : ModelFolder.ShapeDifferences(path, found, config))
            {
                file.AddFault(difference.Problem);
            }

            return found;
        });
        check.Check(ModelFolder.TokenizerName, (_, path) => ModelFolder.ReadTokenizer(path, listed: null, config));
        foreach (var name in new[] { ModelFolder.TokenizerConfigName, ModelFolder.GenerationConfigName }.Where(check.Expects))
        {
            check.Check(name, (_, path) => JsonFile.Read(path));
        }

        check.CheckTensors(ModelFolder.WeightsName, config, model => HuggingFaceModel.For(model.Config).Tensors(model), ValueRule.Finite);
        if (about is null)
        {
            return;
        }

        var inkling = check[ModelFolder.InklingName];
        if (settings is not null && JsonDifference.Between(GptConfigJson.Write(settings.Model), GptConfigJson.Write(config!)).ToArray() is { Length: > 0 } differences)
        {
            inkling.AddFault($"is not the model of this run: {string.Join("; ", differences)}");
        }

        if (newest?.BestValidationLoss is not null && !(about["step"] is JsonValue value && value.TryGetValue(out long step) && step >= newest.BestStep))
        {
            inkling.AddFault($"is the model of step {about["step"]?.ToJsonString() ?? "nobody knows"}, but the best one is of step {newest.BestStep}, by the checkpoint of step {newest.Step}");
        }
    }

    private void CheckLogs(FolderCheck check, TrainingState? newest)
    {
        var bests = new HashSet<(long, double)>();
        if (newest is not null || check.Files.Has(RunFolder.MetricsName))
        {
            CheckLines(RunFolder.MetricsName, (step, line) =>
            {
                if (line.TryGetProperty(MetricsLog.ValidationLossName, out var loss) && loss.ValueKind == JsonValueKind.Number && loss.TryGetDouble(out var number))
                {
                    bests.Add((step, number));
                }
            });
            if (newest?.BestValidationLoss is { } best && double.IsFinite(best) && !bests.Contains((newest.BestStep, best)))
            {
                check[RunFolder.MetricsName].AddFault($"lacks the evaluation of step {newest.BestStep}, the best by the checkpoint of step {newest.Step}");
            }
        }

        if (File.Exists(Path.Combine(FolderPath, JournalName)))
        {
            CheckLines(JournalName, (_, _) => { });
        }

        void CheckLines(string name, Action<long, JsonElement> seen)
        {
            var file = check[name];
            file.Try(() =>
            {
                if (!check.Files.Has(name))
                {
                    file.AddFault("is missing");
                    return file;
                }

                // Nothing has been reported; or it is a pipe, which has no length, and opening one may wait for ever.
                if (new FileInfo(check.Files.PathOf(name)).Length == 0)
                {
                    return file;
                }

                // The training may be writing it.
                using var stream = new FileStream(check.Files.PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var content = new MemoryStream();
                stream.CopyTo(content);
                foreach (var problem in LogCheck.ProblemsOf(content.GetBuffer().AsMemory(0, (int)content.Length), seen))
                {
                    file.AddFault(problem);
                }

                return file;
            });
        }
    }

    private bool HasOtherCorpus => _run?.Settings.CorpusSha256 is { } begun && _corpusSha256 is { } now && begun != now;

    private void CheckCorpus(FolderCheck check)
    {
        if (_run is null)
        {
            return;
        }

        var (file, settings) = (check[RunRecord.SettingsName], _run.Settings);
        if (_corpusSha256 is null)
        {
            file.AddNote($"its text, {settings.CorpusDescription}, is not there; the run needs it to go on, and evaluate to measure");
        }
        else if (HasOtherCorpus)
        {
            file.AddFault($"its text, {settings.CorpusDescription}, is not the one it was begun with: its SHA-256 was {settings.CorpusSha256} and is {_corpusSha256}");
        }
    }

    /// <summary>Hash of the text of a run as it is now; null where it cannot be read.</summary>
    private string? CorpusSha256(RunSettings settings)
    {
        try
        {
            if (settings.CorpusPath is not { } path)
            {
                return settings.OpenCorpus().Sha256;
            }

            using var stream = ModelFile.Open(path);
            return ModelFile.Hash(stream, bytes => _read(path, bytes));
        }
        catch (Exception e) when (e is IOException or CorpusException or ModelFormatException)
        {
            return null;
        }
    }

    private void FindRemedy(FolderCheck root)
    {
        if (_run is null || _corpusSha256 is null || HasOtherCorpus)
        {
            return;
        }

        var newest = _checkpoints.Find(check => check.IsUsable)?.State;
        ResumeStep = newest?.Step ?? (_checkpoints.Count == 0 && !root.Files.Has(ModelFolder.WeightsName) ? 0 : null);
        RestoresModel = root.Found.Any(file => file.Faults.Count > 0 && OfModel.Contains(Path.GetFileName(file.Path)))
            && newest?.BestValidationLoss is not null
            && _checkpoints.Exists(check => check.State?.Step == newest.BestStep && check.IsUsable)
            && RunSaver.ProblemOfModel(FolderPath, newest.BestStep) is not null;
    }

    private static bool IsUnfinished(string path) => RunFolder.IsUnfinished(Path.GetFileName(path));

    private string Relative(string path) => Path.GetRelativePath(FolderPath, path).Replace('\\', '/');
}
