namespace Inkling.Formats;

/// <summary>
/// The files of a folder that belong together: those of an update on its way before those of the same name beside it (<see cref="FolderUpdate"/>), each
/// checked against the manifest where that lists it.
/// </summary>
internal sealed class FolderFiles
{
    // Updates are minutes apart, and reading takes seconds at most.
    private const int MostAttempts = 4;

    private readonly string _folder;

    private FolderFiles(string folder)
    {
        _folder = folder;
        Manifest = Has(Manifest.FileName) ? Manifest.Read(PathOf(Manifest.FileName)) : null;
    }

    /// <summary>What the folder consists of; null for a folder of before there were manifests, which cannot be checked.</summary>
    public Manifest? Manifest { get; }

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static FolderFiles Open(string folder) => new(folder);

    /// <summary>Reads some files of a folder, again where an update came between them.</summary>
    /// <exception cref="ModelFormatException">A file is damaged, or <paramref name="read"/> says so.</exception>
    public static T Read<T>(string folder, Func<FolderFiles, T> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = UpdateOf(folder);
            try
            {
                return read(Open(folder));
            }
            catch (ModelFormatException) when (attempt < MostAttempts && (before.IsMoving || before != UpdateOf(folder)))
            {
            }
        }
    }

    /// <summary>Whether there is such a file.</summary>
    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>Where a file lies, or would.</summary>
    public string PathOf(string name)
    {
        var incoming = Path.Combine(FolderUpdate.Incoming(_folder), name);
        return File.Exists(incoming) ? incoming : Path.Combine(_folder, name);
    }

    /// <summary>What the manifest says of a file; null where it says nothing.</summary>
    public ManifestFile? Listed(string name) => Manifest?.Find(name);

    /// <summary>What is another value once an update has come.</summary>
    private static (bool IsMoving, DateTime WrittenAt) UpdateOf(string folder)
        => (Directory.Exists(FolderUpdate.Incoming(folder)), File.GetLastWriteTimeUtc(Path.Combine(folder, Manifest.FileName)));
}
