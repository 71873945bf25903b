namespace Inkling.Formats;

/// <summary>Opens the files of a model; what the operating system says becomes the one error of this layer.</summary>
internal static class ModelFile
{
    public static FileStream Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, Directory.Exists(path) ? "is a folder, not a file" : "does not exist");
        }

        // Asked before it is opened: a pipe has no length, and opening one may wait for ever.
        if (new FileInfo(path).Length == 0)
        {
            throw new ModelFormatException(path, "is empty, or no regular file");
        }

        try
        {
            // Whoever reads keeps the old file when it is replaced.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
        }
    }
}
