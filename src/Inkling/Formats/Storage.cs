using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inkling.Formats;

/// <summary>
/// The disk, as far as models and runs need it. What is written has reached it when a call returns; new and changed names have after
/// <see cref="FlushFolder"/>. Whatever it cannot do is an <see cref="IOException"/>.
/// </summary>
/// <remarks>Tests put another in its place, which fails or dies at a chosen operation.</remarks>
internal partial class Storage
{
    /// <summary>The real one.</summary>
    public static Storage Disk { get; } = new();

    /// <summary>Makes a folder and those above it, where they are not there, and flushes their names.</summary>
    public virtual void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var above = Path.GetDirectoryName(Path.GetFullPath(path))!;
        CreateFolder(above);
        Do(() => Directory.CreateDirectory(path));
        FlushFolder(above);
    }

    /// <summary>Writes a new file and returns when it has reached the disk.</summary>
    public virtual void Write(string path, Action<Stream> write) => Do(() =>
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: true);
    });

    /// <summary>Opens a file to write at its end, or begins it and flushes its name. What is written to the stream does not wait in memory.</summary>
    public virtual Stream OpenToAppend(string path)
    {
        var isNew = !File.Exists(path);
        Stream? stream = null;
        Do(() => stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0));
        stream!.Seek(0, SeekOrigin.End);
        if (isNew)
        {
            FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }

        return stream;
    }

    /// <summary>Returns when what was written to a file has reached the disk.</summary>
    public virtual void Flush(Stream stream) => Do(() => ((FileStream)stream).Flush(flushToDisk: true));

    /// <summary>Renames a file, over another if there is one.</summary>
    public virtual void MoveFile(string from, string to) => Do(() => File.Move(from, to, overwrite: true));

    /// <summary>Renames a folder.</summary>
    public virtual void MoveFolder(string from, string to) => Do(() => Directory.Move(from, to));

    /// <summary>Deletes a file, if it is there.</summary>
    public virtual void DeleteFile(string path) => Do(() => File.Delete(path));

    /// <summary>Deletes a folder with all that is in it.</summary>
    public virtual void DeleteFolder(string path) => Do(() => Directory.Delete(path, recursive: true));

    /// <summary>Returns when the names in a folder have reached the disk. Windows does that by itself.</summary>
    public virtual void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no folders.
        using var folder = new SafeFileHandle(OpenFolder(path, flags: 0), ownsHandle: true);
        if (folder.IsInvalid)
        {
            throw new IOException($"{path} cannot be opened. {Marshal.GetLastPInvokeErrorMessage()}");
        }

        RandomAccess.FlushToDisk(folder);
    }

    /// <summary>Bytes that can still be written where a folder is, or will be; null where nobody tells.</summary>
    public virtual long? FreeBytes(string path)
    {
        try
        {
            var folder = Path.GetFullPath(path);
            while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
            {
                folder = above;
            }

            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFolder(string path, int flags);

    private static void Do(Action operation)
    {
        try
        {
            operation();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
