using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Training;

/// <summary>
/// All that a bit-identical resume needs, as a folder <c>checkpoints/step-000500</c> that is complete or does not exist: it is
/// written under another name, flushed, listed with hashes in a manifest that comes last, and renamed.
/// </summary>
public sealed partial class Checkpoint
{
    internal const string WeightsName = "weights.safetensors";
    internal const string FirstMomentsName = "first-moments.safetensors";
    internal const string SecondMomentsName = "second-moments.safetensors";
    internal const string StateName = "state.json";

    // A checkpoint that makes way for another of the same step; it counts until that one is in place.
    private const string ReplacedSuffix = ".replaced";

    private Checkpoint(string path, TrainingState state) => (FolderPath, State) = (path, state);

    /// <summary>Where it lies.</summary>
    public string FolderPath { get; }

    /// <summary>Where training stood.</summary>
    public TrainingState State { get; }

    /// <summary>Saves a checkpoint. If that fails, those that were there stay.</summary>
    /// <param name="run">The run.</param>
    /// <param name="record">What it was begun with.</param>
    /// <param name="state">Where training stands.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="firstMoments">The optimizer's first moments, a mirror of the parameters.</param>
    /// <param name="secondMoments">The optimizer's second moments, a mirror of the parameters.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    internal static string Save(
        RunFolder run, RunRecord record, TrainingState state, ParameterStore parameters, DeviceBuffer firstMoments, DeviceBuffer secondMoments)
    {
        run.Storage.CreateFolder(run.CheckpointsPath);
        var target = PathOf(run, state.Step);
        using var folder = new PendingFolder(run.Storage, target);
        folder.Write(WeightsName, stream => ParameterFile.Save(stream, parameters, parameters.Values));
        folder.Write(FirstMomentsName, stream => ParameterFile.Save(stream, parameters, firstMoments));
        folder.Write(SecondMomentsName, stream => ParameterFile.Save(stream, parameters, secondMoments));
        folder.Write(StateName, stream => JsonFile.Write(stream, JsonSerializer.SerializeToNode(state, TrainingStateContext.Default.TrainingState)!));
        record.Write(folder.Write);
        folder.Complete(new Manifest { Step = state.Step, Files = folder.Files });
        MoveIntoPlace(run.Storage, folder, target);
        return target;
    }

    /// <summary>Roughly the bytes of a checkpoint.</summary>
    internal static long BytesOf(ParameterStore parameters) => (3 * parameters.Values.ByteSize) + (1 << 16);

    /// <summary>
    /// Deletes all up to a step but the newest <paramref name="keepCount"/>, not counting those in <paramref name="leftOut"/>, and those of the steps in
    /// <paramref name="alsoKept"/>. Later ones are not this run's, or damaged: they make way when it comes to their steps.
    /// </summary>
    internal static void DeleteOld(RunFolder run, long step, int keepCount, IReadOnlySet<long> leftOut, params ReadOnlySpan<long> alsoKept)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keepCount, 1);
        var old = List(run.FolderPath).Where(entry => entry.Step <= step).ToList();
        var kept = old.Where(entry => !entry.IsReplaced && (entry.Step == step || !leftOut.Contains(entry.Step))).Take(keepCount).ToHashSet();
        foreach (var entry in old)
        {
            // What was to be replaced goes once the other is there.
            var isWanted = entry.IsReplaced ? !Directory.Exists(PathOf(run, entry.Step)) : kept.Contains(entry) || alsoKept.Contains(entry.Step);
            if (!isWanted)
            {
                TryDiscard(run.Storage, entry.Path);
            }
        }
    }

    /// <summary>Brings replacements to their end that a crash has cut short.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal static void FinishReplacing(RunFolder run)
    {
        foreach (var entry in List(run.FolderPath).Where(entry => entry.IsReplaced))
        {
            // What has its name is complete.
            var target = PathOf(run, entry.Step);
            if (Directory.Exists(target))
            {
                Discard(run.Storage, entry.Path);
            }
            else
            {
                run.Storage.MoveFolder(entry.Path, target);
            }
        }
    }

    /// <summary>The newest checkpoint that is complete and undamaged, every byte of it verified; or null.</summary>
    /// <param name="run">The run.</param>
    /// <param name="skipped">Newer ones that are not, or do not fit, with their steps and the reason in a line each.</param>
    /// <param name="misfit">Says why the run cannot go on from a state; null where it can.</param>
    internal static Checkpoint? FindNewest(RunFolder run, out IReadOnlyList<(long Step, string Reason)> skipped, Func<TrainingState, string?>? misfit = null)
    {
        var reasons = new List<(long, string)>();
        skipped = reasons;
        foreach (var (path, step, _) in List(run.FolderPath))
        {
            try
            {
                var checkpoint = new Checkpoint(path, Verify(path, step));
                if (misfit?.Invoke(checkpoint.State) is not { } reason)
                {
                    return checkpoint;
                }

                reasons.Add((step, $"{path}: {reason}"));
            }
            catch (ModelFormatException e)
            {
                reasons.Add((step, e.Message));
            }
        }

        return null;
    }

    /// <summary>The checkpoint of a step, verified; null where there is none that is good.</summary>
    internal static Checkpoint? Find(RunFolder run, long step)
    {
        try
        {
            var path = PathOf(run, step);
            return Directory.Exists(path) ? new Checkpoint(path, Verify(path, step)) : null;
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }

    /// <summary>The checkpoints in the folder of a run by their names, newest first.</summary>
    internal static IReadOnlyList<(string Path, long Step, bool IsReplaced)> List(string runPath)
    {
        var folder = RunFolder.CheckpointsOf(runPath);
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var entries = from path in Directory.EnumerateDirectories(folder)
                      let match = FolderName().Match(Path.GetFileName(path))
                      where match.Success
                      let step = long.Parse(match.Groups["step"].ValueSpan, CultureInfo.InvariantCulture)
                      let isReplaced = match.Groups["replaced"].Success
                      orderby step descending, isReplaced
                      select (path, step, isReplaced);
        return [.. entries];
    }

    /// <summary>The step in the name of a checkpoint's folder; null where it has another name.</summary>
    internal static long? StepOf(string path)
        => FolderName().Match(Path.GetFileName(path)) is { Success: true } match ? long.Parse(match.Groups["step"].ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <summary>Loads the tensors; compare the <see cref="State"/> first.</summary>
    /// <param name="parameters">Receives the weights.</param>
    /// <param name="firstMoments">Receives the optimizer's first moments.</param>
    /// <param name="secondMoments">Receives the optimizer's second moments.</param>
    /// <exception cref="ModelFormatException">The tensors are not those of the parameters, or a file has changed since.</exception>
    public void Restore(ParameterStore parameters, DeviceBuffer firstMoments, DeviceBuffer secondMoments)
    {
        ParameterFile.Load(Path.Combine(FolderPath, WeightsName), parameters);
        ParameterFile.Load(Path.Combine(FolderPath, FirstMomentsName), parameters, firstMoments);
        ParameterFile.Load(Path.Combine(FolderPath, SecondMomentsName), parameters, secondMoments);
    }

    /// <summary>Loads the weights alone.</summary>
    /// <exception cref="ModelFormatException">The tensors are not those of the parameters, or the file has changed since.</exception>
    internal void RestoreWeights(ParameterStore parameters) => ParameterFile.Load(Path.Combine(FolderPath, WeightsName), parameters);

    private static string PathOf(RunFolder run, long step) => Path.Combine(run.CheckpointsPath, $"step-{step:D6}");

    private static void MoveIntoPlace(Storage storage, PendingFolder folder, string target)
    {
        if (!Directory.Exists(target))
        {
            folder.MoveTo(target);
            return;
        }

        // A folder cannot replace another in one move.
        var replaced = target + ReplacedSuffix;
        Discard(storage, replaced);
        storage.MoveFolder(target, replaced);
        try
        {
            folder.MoveTo(target);
        }
        catch (IOException) when (!Directory.Exists(target))
        {
            storage.MoveFolder(replaced, target);
            throw;
        }

        TryDiscard(storage, replaced);
    }

    private static void TryDiscard(Storage storage, string path)
    {
        try
        {
            Discard(storage, path);
        }
        catch (IOException)
        {
            // One more than wanted does no harm; it goes with the next save.
        }
    }

    /// <summary>Renames before deleting, so that no half of a checkpoint is ever seen under its name.</summary>
    private static void Discard(Storage storage, string path)
    {
        if (Directory.Exists(path))
        {
            var temporary = AtomicFile.TemporaryBeside(path);
            storage.MoveFolder(path, temporary);
            storage.DeleteFolder(temporary);
        }
    }

    /// <summary>Checks every byte of a checkpoint.</summary>
    /// <exception cref="ModelFormatException">It is damaged, or of another step.</exception>
    internal static TrainingState Verify(string folder, long step)
    {
        var manifestPath = Path.Combine(folder, Manifest.FileName);
        var manifest = Manifest.Read(manifestPath);
        foreach (var name in new[] { WeightsName, FirstMomentsName, SecondMomentsName, StateName })
        {
            if (manifest.Find(name) is null)
            {
                throw new ModelFormatException(manifestPath, $"does not list {name}");
            }
        }

        foreach (var file in manifest.Files)
        {
            ModelFile.Verify(Path.Combine(folder, file.Name), file);
        }

        var state = TrainingState.Read(Path.Combine(folder, StateName));
        return state.Step == step && manifest.Step == step
            ? state
            : throw new ModelFormatException(folder, $"is of step {step} by its name, {manifest.Step} by its manifest and {state.Step} by its state");
    }

    // 18 digits always fit 64 bits.
    [GeneratedRegex(@"^step-(?<step>[0-9]{6,18})(?<replaced>\.replaced)?$")]
    private static partial Regex FolderName();
}
