using System.Text;
using Inkling.Text.HuggingFace;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text.Learning;

/// <summary>What a <see cref="BytePairTrainer"/> is asked for.</summary>
public sealed record BytePairTrainingOptions
{
    /// <summary>Largest vocabulary that is not taken for a mistake.</summary>
    public const int MaximumVocabularySize = 10_000_000;

    internal const int ByteCount = 256;

    /// <summary>The names of the patterns there are; the first is the usual one.</summary>
    public static IReadOnlyList<string> Patterns { get; } = [.. SplitPattern.All.Select(pattern => pattern.Name)];

    /// <summary>How many tokens there shall be: 256 bytes, the merges, and the special tokens.</summary>
    public int VocabularySize { get; init; } = 8_192;

    /// <summary>Name of the pattern that splits the text into the pieces within which tokens are merged: gpt2, gpt4, gpt4o, llama3 or qwen2.</summary>
    public string Pattern { get; init; } = "gpt2";

    /// <summary>Tokens that no text gives unless the caller allows it; their ids are the last ones, in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>"];

    /// <summary>Neighbours that are seen less often together are not merged; the vocabulary may end up smaller for it.</summary>
    public long MinimumPairCount { get; init; } = 2;

    /// <summary>How many threads count the pieces; they change nothing in the result. By default as many as there are processors.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is outside its range; the message names it, its value and what would be valid.</exception>
    public void Validate()
    {
        SplitPattern.ByName(Pattern);
        ValidateSpecialTokens();
        int smallest = ByteCount + SpecialTokens.Count;
        string range = $"{smallest} ({ByteCount} bytes and {SpecialTokens.Count} special tokens) to {MaximumVocabularySize}";
        Require(VocabularySize >= smallest && VocabularySize <= MaximumVocabularySize, VocabularySize, nameof(VocabularySize), range);
        Require(MinimumPairCount >= 1, MinimumPairCount, nameof(MinimumPairCount), "at least 1");
        Require(ThreadCount is >= 1 and <= 1024, ThreadCount, nameof(ThreadCount), "1 to 1024");
    }

    private static void Require(bool isValid, long value, string name, string range)
    {
        if (!isValid)
            throw new ArgumentException($"{name} is {value}; it must be {range}.");
    }

    private void ValidateSpecialTokens()
    {
        if (SpecialTokens is null)
            throw new ArgumentException($"{nameof(SpecialTokens)} is null; it must be a list, which may be empty.");

        var seen = new HashSet<string>();
        for (int i = 0; i < SpecialTokens.Count; i++)
        {
            string token = SpecialTokens[i];
            string name = $"{nameof(SpecialTokens)}[{i}]";
            if (string.IsNullOrEmpty(token))
                throw new ArgumentException($"{name} is empty; it must have at least two bytes.");

            // Bytes are tokens by themselves, and files write them in an alphabet of their own.
            if (Encoding.UTF8.GetByteCount(token) == 1 || ByteAlphabet.TryRead(token) is [_])
                throw new ArgumentException($"{name} is \"{token}\", which is how a single byte is written; it must be longer.");

            if (!Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(token)).Equals(token, StringComparison.Ordinal))
                throw new ArgumentException($"{name} holds half a character (a lone surrogate); it must be valid text.");

            if (Encoding.UTF8.GetByteCount(token) is > VocabularyTable.MaxNameBytes and var length)
                throw new ArgumentException($"{name} has {length} bytes; {VocabularyTable.MaxNameBytes} are the most.");

            if (!seen.Add(token))
                throw new ArgumentException($"{name} is \"{token}\", which is there twice; each must be different.");
        }
    }
}
