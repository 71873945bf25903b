namespace Inkling.Formats;

/// <summary>Replaces a file so that whoever looks sees the old content or the new, never a part.</summary>
public static class AtomicFile
{
    /// <summary>How the names of unfinished files and folders begin; whatever is left of them after a crash may be deleted.</summary>
    public const string TemporaryPrefix = ".tmp-";

    /// <summary>Writes beside the file, flushes to the disk and renames; if anything fails, the old file stays and nothing else does.</summary>
    /// <param name="path">File to create or replace; its folder exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write) => Write(Storage.Disk, path, write);

    internal static void Write(Storage storage, string path, Action<Stream> write)
    {
        var temporary = TemporaryBeside(path);
        try
        {
            storage.Write(temporary, write);
            storage.MoveFile(temporary, path);
        }
        catch
        {
            storage.DeleteFile(temporary);
            throw;
        }

        storage.FlushFolder(Path.GetDirectoryName(temporary)!);
    }

    /// <summary>A free name in the same folder, and so on the same disk.</summary>
    internal static string TemporaryBeside(string path)
        => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, TemporaryPrefix + Path.GetRandomFileName());
}
