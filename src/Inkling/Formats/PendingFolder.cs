using System.Security.Cryptography;

namespace Inkling.Formats;

/// <summary>
/// A folder in the making: it lies under another name until all of it is there, hashed, flushed and listed in a <see cref="Manifest"/>.
/// Disposed before it is moved, it is gone.
/// </summary>
internal sealed class PendingFolder : IDisposable
{
    private readonly Storage _storage;
    private readonly string _path;
    private readonly List<ManifestFile> _files = [];
    private bool _isMoved;

    /// <summary>Makes the folder.</summary>
    /// <param name="storage">The disk.</param>
    /// <param name="target">Where it will go.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public PendingFolder(Storage storage, string target)
    {
        (_storage, _path) = (storage, AtomicFile.TemporaryBeside(target));
        try
        {
            storage.CreateFolder(_path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What has been written so far.</summary>
    public IReadOnlyList<ManifestFile> Files => _files;

    /// <summary>Writes a file and hashes it on the way.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string name, Action<Stream> write)
    {
        using var sha256 = SHA256.Create();
        long bytes = 0;
        _storage.Write(Path.Combine(_path, name), file =>
        {
            using var hashing = new CryptoStream(file, sha256, CryptoStreamMode.Write, leaveOpen: true);
            write(hashing);
            hashing.FlushFinalBlock();
            bytes = file.Position;
        });
        _files.Add(new ManifestFile { Name = name, Bytes = bytes, Sha256 = Convert.ToHexStringLower(sha256.Hash!) });
    }

    /// <summary>Writes the manifest: after this the folder is complete.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Complete(Manifest manifest)
    {
        _storage.Write(Path.Combine(_path, Manifest.FileName), manifest.Write);
        _storage.FlushFolder(_path);
    }

    /// <summary>Gives the folder its name, which must be free.</summary>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public void MoveTo(string target)
    {
        _storage.MoveFolder(_path, target);
        _isMoved = true;
        _storage.FlushFolder(Path.GetDirectoryName(target)!);
    }

    public void Dispose()
    {
        if (!_isMoved)
        {
            try
            {
                _storage.DeleteFolder(_path);
            }
            catch (IOException)
            {
                // What is wrong has been said already. In the folder of a run, the next resume removes the rest.
            }
        }
    }
}
