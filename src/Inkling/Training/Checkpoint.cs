using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
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
    private const string WeightsName = "weights.safetensors";
    private const string FirstMomentsName = "first-moments.safetensors";
    private const string SecondMomentsName = "second-moments.safetensors";
    private const string StateName = "state.json";
    private const string ManifestName = "manifest.json";

    // A checkpoint that makes way for another of the same step; it counts until that one is in place.
    private const string ReplacedSuffix = ".replaced";

    private Checkpoint(string path, TrainingState state) => (FolderPath, State) = (path, state);

    /// <summary>Where it lies.</summary>
    public string FolderPath { get; }

    /// <summary>Where training stood.</summary>
    public TrainingState State { get; }

    /// <summary>Saves a checkpoint, then deletes old ones. If saving fails, those that were there stay.</summary>
    /// <param name="run">The run.</param>
    /// <param name="state">Where training stands.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="firstMoments">The optimizer's first moments, a mirror of the parameters.</param>
    /// <param name="secondMoments">The optimizer's second moments, a mirror of the parameters.</param>
    /// <param name="keepCount">How many checkpoints to keep, at least 1.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static string Save(
        RunFolder run, TrainingState state, ParameterStore parameters, DeviceBuffer firstMoments, DeviceBuffer secondMoments, int keepCount = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keepCount, 1);
        Directory.CreateDirectory(run.CheckpointsPath);
        var target = Path.Combine(run.CheckpointsPath, $"step-{state.Step:D6}");
        var temporary = AtomicFile.TemporaryBeside(target);
        try
        {
            Directory.CreateDirectory(temporary);
            CheckpointFile[] files =
            [
                Write(temporary, WeightsName, stream => ParameterFile.Save(stream, parameters, parameters.Values)),
                Write(temporary, FirstMomentsName, stream => ParameterFile.Save(stream, parameters, firstMoments)),
                Write(temporary, SecondMomentsName, stream => ParameterFile.Save(stream, parameters, secondMoments)),
                Write(temporary, StateName, stream => JsonFile.Write(stream, ToJson(state))),
            ];
            var manifest = new CheckpointManifest { FormatVersion = TrainingState.CurrentFormatVersion, Step = state.Step, Files = files };
            Write(temporary, ManifestName, stream => JsonFile.Write(stream, ToJson(manifest)));
            MoveIntoPlace(temporary, target);
        }
        catch
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            throw;
        }

        DeleteOld(run, state.Step, keepCount);
        return target;
    }

    /// <summary>The newest checkpoint that is complete and undamaged, every byte of it verified; or null.</summary>
    /// <param name="run">The run.</param>
    /// <param name="skipped">Newer ones that are not, one line each with the reason.</param>
    public static Checkpoint? FindNewest(RunFolder run, out IReadOnlyList<string> skipped)
    {
        var reasons = new List<string>();
        skipped = reasons;
        foreach (var (path, step, _) in List(run))
        {
            try
            {
                return new Checkpoint(path, Verify(path, step));
            }
            catch (ModelFormatException e)
            {
                reasons.Add(e.Message);
            }
        }

        return null;
    }

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

    private static JsonNode ToJson(TrainingState state) => JsonSerializer.SerializeToNode(state, CheckpointContext.Default.TrainingState)!;

    private static JsonNode ToJson(CheckpointManifest manifest) => JsonSerializer.SerializeToNode(manifest, CheckpointContext.Default.CheckpointManifest)!;

    private static CheckpointFile Write(string folder, string name, Action<Stream> write)
    {
        using var sha256 = SHA256.Create();
        long bytes = 0;
        AtomicFile.WriteDurably(Path.Combine(folder, name), file =>
        {
            using var hashing = new CryptoStream(file, sha256, CryptoStreamMode.Write, leaveOpen: true);
            write(hashing);
            hashing.FlushFinalBlock();
            bytes = file.Position;
        });
        return new CheckpointFile { Name = name, Bytes = bytes, Sha256 = Convert.ToHexStringLower(sha256.Hash!) };
    }

    private static void MoveIntoPlace(string temporary, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(temporary, target);
            return;
        }

        // A folder cannot replace another in one move.
        var replaced = target + ReplacedSuffix;
        Discard(replaced);
        Directory.Move(target, replaced);
        Directory.Move(temporary, target);
        Discard(replaced);
    }

    private static void DeleteOld(RunFolder run, long step, int keepCount)
    {
        // Those of later steps are damaged, or this run would have begun there.
        var kept = List(run).Where(entry => entry.Step <= step && !entry.IsReplaced).Take(keepCount).ToHashSet();
        foreach (var entry in List(run).Where(entry => !kept.Contains(entry)))
        {
            Discard(entry.Path);
        }
    }

    /// <summary>Renames before deleting, so that no half of a checkpoint is ever seen under its name.</summary>
    private static void Discard(string path)
    {
        if (Directory.Exists(path))
        {
            var temporary = AtomicFile.TemporaryBeside(path);
            Directory.Move(path, temporary);
            Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Newest first.</summary>
    private static List<(string Path, long Step, bool IsReplaced)> List(RunFolder run)
    {
        if (!Directory.Exists(run.CheckpointsPath))
        {
            return [];
        }

        var entries = from path in Directory.EnumerateDirectories(run.CheckpointsPath)
                      let match = FolderName().Match(Path.GetFileName(path))
                      where match.Success
                      let step = long.Parse(match.Groups["step"].ValueSpan, CultureInfo.InvariantCulture)
                      let isReplaced = match.Groups["replaced"].Success
                      orderby step descending, isReplaced
                      select (path, step, isReplaced);
        return [.. entries];
    }

    private static TrainingState Verify(string folder, long step)
    {
        var manifestPath = Path.Combine(folder, ManifestName);
        var manifest = JsonFile.Deserialize(manifestPath, JsonFile.Read(manifestPath), CheckpointContext.Default.CheckpointManifest);
        if (manifest.FormatVersion != TrainingState.CurrentFormatVersion)
        {
            throw new ModelFormatException(
                manifestPath, $"has format version {manifest.FormatVersion}; this version of Inkling reads {TrainingState.CurrentFormatVersion}");
        }

        foreach (var name in new[] { WeightsName, FirstMomentsName, SecondMomentsName, StateName })
        {
            var listed = manifest.Files.FirstOrDefault(file => file?.Name == name)
                ?? throw new ModelFormatException(manifestPath, $"does not list {name}");
            VerifyFile(Path.Combine(folder, name), listed);
        }

        var statePath = Path.Combine(folder, StateName);
        var state = JsonFile.Deserialize(statePath, JsonFile.Read(statePath), CheckpointContext.Default.TrainingState);
        return state.Step == step && manifest.Step == step
            ? state
            : throw new ModelFormatException(folder, $"is of step {step} by its name, {manifest.Step} by its manifest and {state.Step} by its state");
    }

    private static void VerifyFile(string path, CheckpointFile listed)
    {
        using var stream = ModelFile.Open(path);
        if (stream.Length != listed.Bytes)
        {
            throw new ModelFormatException(path, $"has {stream.Length} bytes instead of {listed.Bytes}");
        }

        try
        {
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != listed.Sha256)
            {
                throw new ModelFormatException(path, "is damaged: its hash is not the one in the manifest");
            }
        }
        catch (IOException e)
        {
            throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
        }
    }

    // 18 digits always fit 64 bits.
    [GeneratedRegex(@"^step-(?<step>[0-9]{6,18})(?<replaced>\.replaced)?$")]
    private static partial Regex FolderName();
}
