namespace Inkling.Formats;

/// <summary>
/// The files of a folder that belong together: those of an update on its way before those of the same name beside it (<see cref="FolderUpdate"/>), each
/// checked against the manifest where that lists it.
/// </summary>
internal sealed class FolderFiles
{
    // Updates are minutes apart, and reading takes seconds at most.
    public const int MostAttempts = 4;

    private readonly string _folder;

    private FolderFiles(string folder, Func<string, Manifest?> read)
    {
        _folder = folder;
        Manifest = Has(Manifest.FileName) ? read(PathOf(Manifest.FileName)) : null;
    }

    /// <summary>What the folder consists of; null for a folder of before there were manifests, which cannot be checked.</summary>
    public Manifest? Manifest { get; }

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static FolderFiles Open(string folder) => new(folder, Manifest.Read);

    /// <summary>Reads the manifest, and does without where it is damaged.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problem">What is wrong with the manifest.</param>
    public static FolderFiles Open(string folder, out ModelFormatException? problem)
    {
        ModelFormatException? damage = null;
        var files = new FolderFiles(folder, path =>
        {
            try
            {
                return Manifest.Read(path);
            }
            catch (ModelFormatException e)
            {
                damage = e;
                return null;
            }
        });
        problem = damage;
        return files;
    }

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
            catch (ModelFormatException) when (attempt < MostAttempts && IsUpdatedSince(folder, before))
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
    public static (bool IsMoving, DateTime WrittenAt) UpdateOf(string folder)
        => (Directory.Exists(FolderUpdate.Incoming(folder)), File.GetLastWriteTimeUtc(Path.Combine(folder, Manifest.FileName)));

    /// <summary>Whether an update was on its way at that moment, or has come since.</summary>
    public static bool IsUpdatedSince(string folder, (bool IsMoving, DateTime WrittenAt) before) => before.IsMoving || before != UpdateOf(folder);
}
