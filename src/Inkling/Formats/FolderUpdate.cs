namespace Inkling.Formats;

/// <summary>
/// Changes several files of a folder together: whoever looks through <see cref="FolderFiles"/> sees all the old ones or all the new ones, also after a
/// crash.
/// </summary>
/// <remarks>
/// The new files become visible at once, as a folder <c>.incoming</c> whose files count before those of the same name beside it. Then they
/// move out of it one by one, the manifest last, which changes nothing for whoever looks.
/// </remarks>
internal sealed class FolderUpdate : IDisposable
{
    internal const string IncomingName = ".incoming";

    private readonly Storage _storage;
    private readonly string _folder;
    private readonly PendingFolder _pending;

    /// <summary>Begins an update.</summary>
    /// <param name="storage">The disk.</param>
    /// <param name="folder">Made if it is not there.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public FolderUpdate(Storage storage, string folder)
    {
        (_storage, _folder) = (storage, folder);
        storage.CreateFolder(folder);
        Finish(storage, folder);
        _pending = new PendingFolder(storage, Incoming(folder));
    }

    /// <summary>Writes a file, which nobody sees yet.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string name, Action<Stream> write) => _pending.Write(name, write);

    /// <summary>Shows all that has been written, and lists it beside what the folder holds already.</summary>
    /// <exception cref="IOException">That fails: nothing has changed, or all of it and only the disk has not said so.</exception>
    public void Commit()
    {
        var replaced = _pending.Files.Select(file => file.Name).ToHashSet();
        var kept = Listed().Where(file => !replaced.Contains(file.Name) && File.Exists(Path.Combine(_folder, file.Name)));
        _pending.Complete(new Manifest { Files = [.. kept, .. _pending.Files] });
        _pending.MoveTo(Incoming(_folder));
        try
        {
            Finish(_storage, _folder);
        }
        catch (IOException)
        {
            // It counts already; the next update goes on with it.
        }
    }

    /// <summary>Brings an update to its end that a crash has cut short; where there is none it does nothing.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Finish(Storage storage, string folder)
    {
        var incoming = Incoming(folder);
        if (!Directory.Exists(incoming))
        {
            return;
        }

        foreach (var path in Directory.GetFiles(incoming).OrderBy(path => Path.GetFileName(path) == Manifest.FileName))
        {
            storage.MoveFile(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        storage.FlushFolder(folder);
        storage.DeleteFolder(incoming);
    }

    public void Dispose() => _pending.Dispose();

    internal static string Incoming(string folder) => Path.Combine(folder, IncomingName);

    private IReadOnlyList<ManifestFile> Listed()
    {
        try
        {
            return FolderFiles.Open(_folder).Manifest?.Files ?? [];
        }
        catch (ModelFormatException)
        {
            return []; // damaged, and about to be replaced
        }
    }
}
