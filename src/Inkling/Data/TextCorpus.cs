using System.Security.Cryptography;
using Inkling.Text;

namespace Inkling.Data;

/// <summary>A text as the bytes it is stored in, checked to be UTF-8. A byte-order mark is kept, as text.</summary>
public sealed class TextCorpus
{
    /// <summary>Takes a text that is already in memory.</summary>
    /// <param name="name">What to call it, in reports and as the name of a run.</param>
    /// <param name="bytes">The text in UTF-8; kept, not copied.</param>
    /// <exception cref="CorpusException">The text is empty or not UTF-8.</exception>
    public TextCorpus(string name, ReadOnlyMemory<byte> bytes)
        : this(name, bytes, source: name)
    {
    }

    private TextCorpus(string name, ReadOnlyMemory<byte> bytes, string source)
    {
        if (bytes.IsEmpty)
            throw new CorpusException($"{source} is empty.");

        try
        {
            Utf8Text.Validate(bytes.Span);
        }
        catch (InvalidTextException e)
        {
            throw new CorpusException($"{source} is not UTF-8 text. {e.Message}", e);
        }

        Name = name;
        Bytes = bytes;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
    }

    /// <summary>For a file: its name without folder and extension.</summary>
    public string Name { get; }

    /// <summary>The whole text in UTF-8.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The number of bytes, not of characters.</summary>
    public int ByteCount => Bytes.Length;

    /// <summary>Hash of the bytes in lower-case hexadecimal, which tells a resumed run whether its text is still the same.</summary>
    public string Sha256 { get; }

    /// <summary>Reads a file of up to 2 GiB.</summary>
    /// <exception cref="CorpusException">The file is missing, a folder, unreadable, too large, empty or not UTF-8.</exception>
    public static TextCorpus Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
            throw new CorpusException($"{path} is a folder; a corpus is one text file.");

        if (!File.Exists(path))
            throw new CorpusException($"{path} does not exist.");

        // Asked before it is opened: a pipe has no length, and opening one may wait for ever.
        if (new FileInfo(path).Length == 0)
            throw new CorpusException($"{path} is empty, or no regular file.");

        string name = Path.GetFileNameWithoutExtension(path);
        return new TextCorpus(name.Length > 0 ? name : Path.GetFileName(path), Read(path), source: path);
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} cannot be read. {e.Message}", e);
        }
    }
}
