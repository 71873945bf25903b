using System.Security.Cryptography;
using Inkling.Data;
using Inkling.Text;

namespace Inkling.Training;

/// <summary>The text of a run, as tokens.</summary>
internal sealed class RunCorpus
{
    /// <summary>Makes tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Where it lies, for the error.</param>
    /// <param name="tokenizer">Makes the tokens.</param>
    /// <exception cref="CorpusException">The text has a character that the tokenizer lacks.</exception>
    public RunCorpus(TextCorpus text, string path, Tokenizer tokenizer)
    {
        (Text, Tokenizer) = (text, tokenizer);
        try
        {
            Data = DataSplit.Split(TokenData.Encode(text.Bytes.Span, tokenizer), tokenizer);
        }
        catch (UnknownCharacterException e)
        {
            throw new CorpusException($"{path} does not suit the model. {e.Message}", e);
        }

        TokenizerSha256 = Hash(tokenizer);
    }

    /// <summary>The text.</summary>
    public TextCorpus Text { get; }

    /// <summary>What the tokens are.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Hash of the tokenizer's file in lower-case hexadecimal.</summary>
    public string TokenizerSha256 { get; }

    /// <summary>The tokens in their two parts.</summary>
    public DataSplit Data { get; }

    /// <summary>Hash of a tokenizer's file in lower-case hexadecimal.</summary>
    public static string Hash(Tokenizer tokenizer)
    {
        using var saved = new MemoryStream();
        tokenizer.Save(saved);
        return Convert.ToHexStringLower(SHA256.HashData(saved.GetBuffer().AsSpan(0, (int)saved.Length)));
    }
}
