using Inkling.Text;

namespace Inkling.Data;

/// <summary>The part of a text to learn from, and the part after it that is held back to measure with.</summary>
public sealed class DataSplit
{
    /// <summary>The share of a text that is held back where nothing else is asked for.</summary>
    public const double DefaultValidationFraction = 0.1;

    private DataSplit(TokenData training, TokenData validation, Tokenizer tokenizer)
    {
        Training = training;
        Validation = validation;
        TrainingByteCount = CountBytes(training, tokenizer);
        ValidationByteCount = CountBytes(validation, tokenizer);
    }

    /// <summary>The first tokens.</summary>
    public TokenData Training { get; }

    /// <summary>The rest.</summary>
    public TokenData Validation { get; }

    /// <summary>How many bytes of text <see cref="Training"/> stands for.</summary>
    public long TrainingByteCount { get; }

    /// <summary>How many bytes of text <see cref="Validation"/> stands for.</summary>
    public long ValidationByteCount { get; }

    /// <summary>Cuts after the first ⌊n · (1 − fraction)⌋ of n tokens, which is where nanoGPT cuts too.</summary>
    /// <param name="data">The whole text.</param>
    /// <param name="tokenizer">Knows how many bytes each token stands for.</param>
    /// <param name="validationFraction">The share that is held back, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    /// <exception cref="UnknownTokenException">The data holds an id that the tokenizer does not know.</exception>
    public static DataSplit Split(TokenData data, Tokenizer tokenizer, double validationFraction = DefaultValidationFraction)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (!(validationFraction is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), $"A validation fraction of {validationFraction} is not between 0 and 1.");

        long cut = (long)(data.Length * (1 - validationFraction));
        return new DataSplit(data.Slice(0, cut), data.Slice(cut, data.Length - cut), tokenizer);
    }

    /// <summary>Makes sure that each part has room for a window and the token after it.</summary>
    /// <param name="contextLength">The length of a window in tokens.</param>
    /// <exception cref="CorpusException">A part is too short; the message names both lengths.</exception>
    public void RequireContext(int contextLength)
    {
        Require(Training, "training");
        Require(Validation, "validation");

        void Require(TokenData part, string name)
        {
            if (part.Length <= contextLength)
            {
                throw new CorpusException(
                    $"The {name} part has {part.Length} tokens, but a context of {contextLength} needs at least {contextLength + 1L}. "
                    + "Take a longer text or a shorter context.");
            }
        }
    }

    private static long CountBytes(TokenData part, Tokenizer tokenizer)
    {
        var ids = new int[4096];
        long count = 0;
        for (long start = 0; start < part.Length; start += ids.Length)
        {
            Span<int> piece = ids.AsSpan(0, (int)Math.Min(ids.Length, part.Length - start));
            part.CopyTo(start, piece);
            count += tokenizer.CountBytes(piece);
        }

        return count;
    }
}
