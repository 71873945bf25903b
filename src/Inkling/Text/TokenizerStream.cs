namespace Inkling.Text;

/// <summary>Reads the files of tokenizers, which are small enough to be read as a whole.</summary>
internal static class TokenizerStream
{
    /// <summary>All that is left of a stream.</summary>
    /// <param name="stream">Read to its end.</param>
    /// <param name="fileKind">What the file is, for the message.</param>
    /// <param name="maxByteCount">How many bytes there may be.</param>
    /// <param name="reason">Why no more, for the message.</param>
    /// <exception cref="TokenizerFormatException">There are more.</exception>
    public static byte[] ReadAll(Stream stream, string fileKind, int maxByteCount, string reason = "the most there may be")
    {
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, count);
            if (content.Length > maxByteCount)
                throw new TokenizerFormatException(fileKind, $"byte {maxByteCount}", $"longer than {maxByteCount} bytes, {reason}");
        }

        return content.ToArray();
    }
}
