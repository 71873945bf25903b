namespace Inkling.Formats;

/// <summary>Replaces files so that whoever looks sees the old content or the new, never a part.</summary>
public static class AtomicFile
{
    /// <summary>How the names of unfinished files and folders begin; whatever is left of them after a crash may be deleted.</summary>
    public const string TemporaryPrefix = ".tmp-";

    /// <summary>Writes beside the file, flushes to the disk and renames; if anything fails, the old file stays and nothing else does.</summary>
    /// <param name="path">File to create or replace; its folder exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = TemporaryBeside(path);
        try
        {
            WriteDurably(temporary, write);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>A free name in the same folder, and so on the same disk.</summary>
    internal static string TemporaryBeside(string path)
        => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, TemporaryPrefix + Path.GetRandomFileName());

    /// <summary>Writes a new file and returns when it has reached the disk.</summary>
    internal static void WriteDurably(string path, Action<Stream> write)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: true);
    }
}
