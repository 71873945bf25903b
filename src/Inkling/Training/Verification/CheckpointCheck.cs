using Inkling.Formats;
using Inkling.Text;

namespace Inkling.Training.Verification;

/// <summary>Looks at a checkpoint: its files, and whether they belong together and to their run.</summary>
internal sealed class CheckpointCheck
{
    private readonly string _folder;
    private readonly long? _step;
    private readonly RunRecord? _run;
    private bool? _isUsable;

    private CheckpointCheck(string folder, string prefix, RunRecord? run, Action<string, long> read)
    {
        (_folder, _step, _run) = (folder, Checkpoint.StepOf(folder), run);
        Files = new FolderCheck(folder, prefix, read);
        if (!Files.Files.Has(Manifest.FileName))
        {
            Files[Manifest.FileName].AddFault("is missing");
        }

        State = Files.Check(Checkpoint.StateName, (_, path) => TrainingState.Read(path));
        var settings = Files.Expects(RunRecord.SettingsName)
            ? Files.Check(RunRecord.SettingsName, (_, path) => RunSettingsFile.Read(path, JsonFile.Read(path)))
            : null;
        var config = State is null ? settings?.Model ?? run?.Settings.Model : GptConfigJson.Read(Checkpoint.StateName, State.Model, "$.model");
        var tokenizer = Files.Expects(ModelFolder.TokenizerName)
            ? Files.Check(ModelFolder.TokenizerName, (_, path) => ModelFolder.ReadTokenizer(path, listed: null, config))
            : null;
        CheckTensors(Checkpoint.WeightsName, ValueRule.Finite);
        CheckTensors(Checkpoint.FirstMomentsName, ValueRule.Finite);
        CheckTensors(Checkpoint.SecondMomentsName, ValueRule.FiniteAndNotNegative);
        Files.CheckRest();
        Files.RequireListed(
        [
            Checkpoint.StateName, Checkpoint.WeightsName, Checkpoint.FirstMomentsName, Checkpoint.SecondMomentsName,
            RunRecord.SettingsName, ModelFolder.TokenizerName,
        ]);
        CheckSteps();
        CheckIdentity(settings, tokenizer);

        void CheckTensors(string name, ValueRule rule) => Files.CheckTensors(name, config, model => ParameterFile.Layout(model.Parameters), rule);
    }

    /// <summary>Its files.</summary>
    public FolderCheck Files { get; }

    /// <summary>Where training stood; null where that cannot be read.</summary>
    public TrainingState? State { get; }

    /// <summary>Whether a run goes on from it: that asks for less than that nothing is wrong.</summary>
    public bool IsUsable => _isUsable ??= FindIsUsable();

    /// <summary>Looks at a checkpoint.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="prefix">What goes before the paths in the result.</param>
    /// <param name="run">The run that it should belong to; null where nobody knows.</param>
    /// <param name="read">Told which file is being read, and how many bytes since it was told before.</param>
    public static CheckpointCheck Of(string folder, string prefix, RunRecord? run, Action<string, long> read) => new(folder, prefix, run, read);

    private void CheckSteps()
    {
        var manifest = Files.Files.Manifest;
        if (manifest is { Step: null })
        {
            Files[Manifest.FileName].AddFault("has no step, so it is not that of a checkpoint");
        }

        (string Where, long? Step)[] steps = [("name", _step), ("manifest", manifest?.Step), ("state", State?.Step)];
        string[] known = [.. steps.Where(each => each.Step is not null).Select(each => $"{each.Step} by its {each.Where}")];
        if (steps.Select(each => each.Step).OfType<long>().Distinct().Count() > 1)
        {
            Files[Checkpoint.StateName].AddFault($"the checkpoint is of step {string.Join(", ", known)}");
        }
    }

    private void CheckIdentity(RunSettings? settings, Tokenizer? tokenizer)
    {
        if (State is null)
        {
            return;
        }

        if (tokenizer is not null && RunCorpus.Hash(tokenizer) != State.TokenizerSha256)
        {
            Files[ModelFolder.TokenizerName].AddFault($"is not the tokenizer that {Checkpoint.StateName} names");
        }

        if (DifferencesTo(_run).ToArray() is { Length: > 0 } differences)
        {
            Files[Checkpoint.StateName].AddFault($"belongs to another run: {string.Join("; ", differences)}");
        }
        else if (settings is not null && DifferencesTo(new RunRecord(settings)).ToArray() is { Length: > 0 } own)
        {
            Files[RunRecord.SettingsName].AddFault($"differs from {Checkpoint.StateName}: {string.Join("; ", own)}");
        }
    }

    /// <summary>What makes another run of this one, as far as anybody knows.</summary>
    private IEnumerable<string> DifferencesTo(RunRecord? run) => run is null ? [] : State!.DifferencesTo(State with
    {
        Seed = run.Settings.Training.Seed,
        CorpusSha256 = run.Settings.CorpusSha256 ?? State.CorpusSha256,
        TokenizerSha256 = run.Tokenizer is { } tokenizer ? RunCorpus.Hash(tokenizer) : State.TokenizerSha256,
        Model = GptConfigJson.Write(run.Settings.Model),
        Training = RunSettingsFile.Identity(run.Settings.Training),
    });

    private bool FindIsUsable()
    {
        try
        {
            return _step is { } step && State is not null && !DifferencesTo(_run).Any() && (Files.IsSound || Checkpoint.Verify(_folder, step).Step == step);
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }
}
