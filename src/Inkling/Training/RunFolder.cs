using Inkling.Formats;

namespace Inkling.Training;

/// <summary>
/// The folder of a run: the best model so far, its metrics and its checkpoints. It is locked while this object lives; the
/// lock is the operating system's and ends with the process, however that ends.
/// </summary>
public sealed class RunFolder : IDisposable
{
    internal const string MetricsName = "metrics.jsonl";

    private const string LockName = ".lock";

    // What a lock that somebody else holds looks like: EWOULDBLOCK, and a sharing violation.
    private const int LockedLinux = 11;
    private const int LockedMac = 35;
    private const int LockedWindows = unchecked((int)0x80070020);

    private readonly FileStream _lock;

    private RunFolder(string path, FileStream lockFile, Storage storage) => (FolderPath, _lock, Storage) = (path, lockFile, storage);

    /// <summary>The folder, which is the model folder too.</summary>
    public string FolderPath { get; }

    /// <summary>One JSON line per report.</summary>
    public string MetricsPath => Path.Combine(FolderPath, MetricsName);

    /// <summary>Holds a folder per checkpoint.</summary>
    public string CheckpointsPath => CheckpointsOf(FolderPath);

    /// <summary>The disk that it lies on.</summary>
    internal Storage Storage { get; }

    /// <summary>The first of NAME, NAME-2, NAME-3, … that does not exist in a folder.</summary>
    /// <param name="baseFolder">Where runs are kept.</param>
    /// <param name="name">Any text; what does not belong in a file name becomes a dash.</param>
    public static string NextFree(string baseFolder, string name)
    {
        var safe = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).Trim('.');
        var path = Path.Combine(baseFolder, safe.Length > 0 ? safe : "run");
        return Enumerable.Range(1, int.MaxValue)
            .Select(number => number == 1 ? path : $"{path}-{number}")
            .First(candidate => !Path.Exists(candidate));
    }

    /// <summary>Makes and locks a folder for a new run.</summary>
    /// <exception cref="RunFolderException">The folder holds something already, is in use, or cannot be made.</exception>
    public static RunFolder Create(string path) => Create(path, Storage.Disk);

    internal static RunFolder Create(string path, Storage storage)
    {
        RequireEmpty(path);
        try
        {
            storage.CreateFolder(path);
        }
        catch (IOException e)
        {
            throw new RunFolderException($"{path} cannot be made. {e.Message}", e);
        }

        var run = Lock(path, storage);
        try
        {
            // Another run may have been faster.
            RequireEmpty(path);
            run.RemoveUnfinished();
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Locks the folder of a run to go on with it; what a crash left unfinished is removed, or finished where it counts already.</summary>
    /// <exception cref="RunFolderException">The folder is missing, in use, or cannot be written.</exception>
    public static RunFolder Resume(string path) => Resume(path, Storage.Disk);

    internal static RunFolder Resume(string path, Storage storage)
    {
        RequireExists(path);
        var run = Lock(path, storage);
        try
        {
            run.RemoveUnfinished();
            FolderUpdate.Finish(storage, path);
            Checkpoint.FinishReplacing(run);
            return run;
        }
        catch (IOException e)
        {
            run.Dispose();
            throw new RunFolderException($"{path} cannot be written. {e.Message}", e);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>Removes the folder of a run that could not begin, where nothing but the lock is in it.</summary>
    internal void Abandon()
    {
        try
        {
            File.Delete(_lock.Name);
            Directory.Delete(FolderPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty folder takes the next run.
        }
    }

    /// <summary>Where the checkpoints of a run lie.</summary>
    internal static string CheckpointsOf(string runPath) => Path.Combine(runPath, "checkpoints");

    /// <exception cref="RunFolderException">There is no such folder.</exception>
    internal static void RequireExists(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new RunFolderException($"{path} does not exist, so there is no run to resume; leave out --resume to begin one.");
        }
    }

    private static void RequireEmpty(string path)
    {
        if (File.Exists(path))
        {
            throw new RunFolderException($"{path} is a file; choose another folder with --out.");
        }

        // A lock, and what was never finished, are a run that ended before it wrote anything.
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).Any(name => name != LockName && !IsUnfinished(name!)))
        {
            if (File.Exists(Path.Combine(path, LockName)))
            {
                // Says so if it is in use, which matters more.
                Lock(path, Storage.Disk).Dispose();
            }

            throw new RunFolderException($"{path} is not empty; go on with the run in it with --resume, or choose another folder with --out.");
        }
    }

    private static RunFolder Lock(string path, Storage storage)
    {
        try
        {
            return new RunFolder(path, new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), storage);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e.GetType() != typeof(IOException)))
        {
            throw new RunFolderException($"{path} cannot be written. {e.Message}", e);
        }
        catch (IOException e) when (e.HResult is LockedLinux or LockedMac or LockedWindows)
        {
            throw new RunFolderException($"{path} is in use by another run; wait for it, or choose another folder with --out.", e);
        }
        catch (IOException e)
        {
            throw new RunFolderException($"{path} cannot be written. {e.Message}", e);
        }
    }

    /// <summary>Whether a name is that of something that was never finished.</summary>
    internal static bool IsUnfinished(string name) => name.StartsWith(AtomicFile.TemporaryPrefix, StringComparison.Ordinal);

    private void RemoveUnfinished()
    {
        foreach (var folder in new[] { FolderPath, CheckpointsPath }.Where(Directory.Exists))
        {
            foreach (var entry in new DirectoryInfo(folder).GetFileSystemInfos().Where(entry => IsUnfinished(entry.Name)))
            {
                if (entry is DirectoryInfo)
                {
                    Storage.DeleteFolder(entry.FullName);
                }
                else
                {
                    Storage.DeleteFile(entry.FullName);
                }
            }
        }
    }
}
