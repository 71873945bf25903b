namespace Inkling.Cli;

/// <summary>Opens the files with texts that are named on the command line.</summary>
internal static class TextFile
{
    // A text and its tokens are held in memory at once. A device may have no end.
    private const int MostBytes = 1_000_000_000;
    private const int FirstBytes = 1 << 16;
    private const string UsualKind = "a text is one file";

    /// <summary>All bytes of a file, which may be a pipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What is read from it, for the message.</param>
    /// <exception cref="FailureException">It is missing, a folder, or too long.</exception>
    public static byte[] Read(string path, string kind = UsualKind)
    {
        using var file = Open(path, kind);
        return Read(file, path);
    }

    /// <summary>All bytes that are left of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">What to call it.</param>
    /// <exception cref="FailureException">It is too long.</exception>
    public static byte[] Read(Stream stream, string name)
    {
        var length = stream.CanSeek ? stream.Length : 0;
        RequireShort(length, name);

        // One byte more than there should be, so that the end is seen without another array.
        var bytes = new byte[length > 0 ? length + 1 : FirstBytes];
        for (var count = 0; ;)
        {
            var read = stream.Read(bytes, count, bytes.Length - count);
            count += read;
            RequireShort(count, name);
            if (read == 0)
            {
                Array.Resize(ref bytes, count);
                return bytes;
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(2 * count, MostBytes) + 1);
            }
        }
    }

    /// <summary>A file to be read from its beginning to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What is read from it, for the message.</param>
    /// <exception cref="FailureException">It is missing or a folder.</exception>
    public static FileStream Open(string path, string kind = UsualKind)
    {
        if (Directory.Exists(path))
        {
            throw new FailureException($"{path} is a folder; {kind}");
        }

        if (!File.Exists(path))
        {
            throw new FailureException($"{path} does not exist");
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }

    private static void RequireShort(long byteCount, string name)
    {
        if (byteCount > MostBytes)
        {
            throw new FailureException($"{name} has more than {Units.Bytes(MostBytes)}, the most for a text at once; cut it into parts");
        }
    }
}
