namespace Inkling.Cli.Tokenizers;

/// <summary>Opens the files with texts that are named on the command line.</summary>
internal static class TextFile
{
    /// <summary>All bytes of a file.</summary>
    public static byte[] Read(string path)
    {
        Require(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>A file to be read from its beginning to its end.</summary>
    public static FileStream Open(string path)
    {
        Require(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }

    private static void Require(string path)
    {
        if (Directory.Exists(path))
        {
            throw new FailureException($"{path} is a folder; a text is one file");
        }

        if (!File.Exists(path))
        {
            throw new FailureException($"{path} does not exist");
        }
    }
}
