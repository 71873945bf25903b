using System.Security.Cryptography;

namespace Inkling.Formats;

/// <summary>Opens the files of a model; what the operating system says becomes the one error of this layer.</summary>
internal static class ModelFile
{
    private const int ChunkBytes = 1 << 20;

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
                if (ProblemOf(stream, listed) is { } problem)
                {
                    throw new ModelFormatException(path, problem);
                }

                stream.Position = 0;
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

    /// <summary>What is wrong with a file, read from its first byte to its last; null where it is what a manifest says.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="listed">What it must be.</param>
    /// <param name="read">Told how many bytes have been read since it was told before.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string? ProblemOf(Stream stream, ManifestFile listed, Action<long>? read = null)
        => stream.Length != listed.Bytes ? $"has {stream.Length} bytes instead of {listed.Bytes}"
            : Hash(stream, read) != listed.Sha256 ? $"is damaged: its hash is not the one in {Manifest.FileName}"
            : null;

    /// <summary>SHA-256 of the rest of a stream in lower-case hexadecimal.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="read">Told how many bytes have been read since it was told before.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Hash(Stream stream, Action<long>? read = null)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[(int)Math.Clamp(stream.Length, 1, ChunkBytes)];
        for (int count; (count = stream.Read(chunk)) > 0;)
        {
            sha256.AppendData(chunk, 0, count);
            read?.Invoke(count);
        }

        return Convert.ToHexStringLower(sha256.GetCurrentHash());
    }
}
