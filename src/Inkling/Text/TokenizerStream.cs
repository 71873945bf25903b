namespace Inkling.Text;

/// <summary>Reads the files of tokenizers, which are small enough to be read as a whole.</summary>
internal static class TokenizerStream
{
    /// <summary>All that is left of a stream.</summary>
    /// <exception cref="TokenizerFormatException">It is longer than <paramref name="maxByteCount"/>.</exception>
    public static byte[] ReadAll(Stream stream, string fileKind, int maxByteCount)
    {
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, count);
            if (content.Length > maxByteCount)
                throw new TokenizerFormatException(fileKind, $"byte {maxByteCount}", $"longer than {maxByteCount} bytes, the most there may be");
        }

        return content.ToArray();
    }
}
