using System.Security.Cryptography;

namespace Inkling.Formats;

/// <summary>Opens the files of a model; what the operating system says becomes the one error of this layer.</summary>
internal static class ModelFile
{
    /// <summary>Opens a file to read it from its first byte.</summary>
    /// <param name="path">The file.</param>
    /// <param name="listed">What it must be, to the last byte; null where nobody knows.</param>
    /// <exception cref="ModelFormatException">It is missing, cannot be read, or is something else.</exception>
    public static FileStream Open(string path, ManifestFile? listed = null)
    {
        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, Directory.Exists(path) ? "is a folder, not a file" : "does not exist");
        }

        FileStream? stream = null;
        try
        {
            // Asked before it is opened: a pipe has no length, and opening one may wait for ever.
            if (new FileInfo(path).Length == 0)
            {
                throw new ModelFormatException(path, "is empty, or no regular file");
            }

            // Whoever reads keeps the old file when it is replaced.
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (listed is not null)
            {
                Verify(path, stream, listed);
            }

            return stream;
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
            }

            throw;
        }
    }

    /// <summary>Makes sure that a file is what a manifest says.</summary>
    /// <exception cref="ModelFormatException">It is missing, cannot be read, or is something else.</exception>
    public static void Verify(string path, ManifestFile listed) => Open(path, listed).Dispose();

    private static void Verify(string path, FileStream stream, ManifestFile listed)
    {
        if (stream.Length != listed.Bytes)
        {
            throw new ModelFormatException(path, $"has {stream.Length} bytes instead of {listed.Bytes}");
        }

        if (Convert.ToHexStringLower(SHA256.HashData(stream)) != listed.Sha256)
        {
            throw new ModelFormatException(path, $"is damaged: its hash is not the one in {Manifest.FileName}");
        }

        stream.Position = 0;
    }
}
