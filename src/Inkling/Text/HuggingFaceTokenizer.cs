using Inkling.Text.HuggingFace;

namespace Inkling.Text;

/// <summary>Reads the <c>tokenizer.json</c> of Hugging Face's tools; <see cref="Tokenizer.Save"/> writes it.</summary>
public static class HuggingFaceTokenizer
{
    /// <summary>Reads a tokenizer of any kind that <see cref="Tokenizer.Save"/> writes, and those of other tools that consist of the same parts.</summary>
    /// <param name="stream">The file, read to its end and left open.</param>
    /// <exception cref="TokenizerFormatException">The file is damaged, or has a part that is not supported; the message says what and where.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static Tokenizer Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return TokenizerJson.Read(stream);
    }
}
