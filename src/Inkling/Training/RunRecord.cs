using Inkling.Formats;
using Inkling.Text;

namespace Inkling.Training;

/// <summary>
/// What a run was begun with: <c>run.json</c> and <c>tokenizer.json</c>. They lie in its folder and again in each of its checkpoints, which serve where those
/// are damaged or gone.
/// </summary>
internal sealed record RunRecord(RunSettings Settings)
{
    public const string SettingsName = "run.json";

    /// <summary>What the tokens are; null for a run of before that was kept.</summary>
    public Tokenizer? Tokenizer { get; init; }

    /// <summary>The checkpoint that this was taken from, and why; null for what lies in the folder itself.</summary>
    public string? Detour { get; private init; }

    /// <summary>Reads the record of a run.</summary>
    /// <exception cref="RunFolderException">There is no such folder, or no run in it.</exception>
    /// <exception cref="ModelFormatException">It is damaged, and no checkpoint has it.</exception>
    public static RunRecord Read(string folder)
    {
        RunFolder.RequireExists(folder);
        Exception problem = new RunFolderException($"{folder} has no {SettingsName}, so it holds no run to resume.");
        try
        {
            if (FolderFiles.Read(folder, files => files.Manifest?.Step is { } step ? throw IsCheckpoint(folder, step) : TryRead(files)) is { } record)
            {
                return record;
            }
        }
        catch (ModelFormatException e)
        {
            problem = e;
        }

        foreach (var checkpoint in Checkpoint.List(folder))
        {
            try
            {
                if (TryRead(FolderFiles.Open(checkpoint.Path)) is { } record)
                {
                    return record with { Detour = $"{problem.Message.TrimEnd('.')}. What the run was begun with is taken from {Path.GetFileName(checkpoint.Path)}." };
                }
            }
            catch (ModelFormatException)
            {
                // The one in the folder is what is to be reported.
            }
        }

        throw problem;
    }

    /// <summary>Writes it into the folder of its run.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Save(RunFolder run)
    {
        using var update = new FolderUpdate(run.Storage, run.FolderPath);
        Write(update.Write);
        update.Commit();
    }

    /// <summary>Writes its files by whatever writes files.</summary>
    public void Write(Action<string, Action<Stream>> write)
    {
        write(SettingsName, stream => JsonFile.Write(stream, RunSettingsFile.Write(Settings)));
        if (Tokenizer is not null)
        {
            write(ModelFolder.TokenizerName, Tokenizer.Save);
        }
    }

    private static RunFolderException IsCheckpoint(string folder, long step)
        => new($"{folder} is the checkpoint of step {step}; resume the run that it belongs to, by the folder that has the checkpoints in it.");

    private static RunRecord? TryRead(FolderFiles files)
    {
        if (!files.Has(SettingsName))
        {
            return null;
        }

        var path = files.PathOf(SettingsName);
        var settings = RunSettingsFile.Read(path, JsonFile.Read(path, files.Listed(SettingsName)));
        return new RunRecord(settings)
        {
            Tokenizer = files.Has(ModelFolder.TokenizerName)
                ? ModelFolder.ReadTokenizer(files.PathOf(ModelFolder.TokenizerName), files.Listed(ModelFolder.TokenizerName), settings.Model)
                : null,
        };
    }
}
