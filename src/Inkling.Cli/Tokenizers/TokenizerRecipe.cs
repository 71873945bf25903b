using System.Text.RegularExpressions;
using Inkling.Text.Learning;

namespace Inkling.Cli.Tokenizers;

/// <summary>A tokenizer that is to be trained.</summary>
/// <param name="Type">One of <see cref="Types"/>.</param>
/// <param name="Size">Tokens in all.</param>
/// <param name="ThreadCount">How many threads may work on it.</param>
internal sealed partial record TokenizerRecipe(string Type, int Size, int ThreadCount)
{
    private const string BytePair = "bpe";
    private const string Unigram = "unigram";

    /// <summary>The kinds that can be trained; the first is the usual one.</summary>
    public static IReadOnlyList<string> Types { get; } = [BytePair, Unigram];

    /// <summary>Name of the pattern that splits the text; null for the usual one.</summary>
    public string? Pattern { get; init; }

    /// <summary>Special tokens; null for the usual ones.</summary>
    public IReadOnlyList<string>? SpecialTokens { get; init; }

    private BytePairTrainingOptions BytePairOptions
    {
        get
        {
            var usual = new BytePairTrainingOptions { VocabularySize = Size, ThreadCount = ThreadCount };
            return usual with { Pattern = Pattern ?? usual.Pattern, SpecialTokens = SpecialTokens ?? usual.SpecialTokens };
        }
    }

    private UnigramTrainingOptions UnigramOptions => new() { VocabularySize = Size, ThreadCount = ThreadCount };

    /// <summary>Refuses what cannot be trained.</summary>
    /// <param name="sizeName">What the user calls <see cref="Size"/>.</param>
    /// <exception cref="UsageException">The message says what would be valid.</exception>
    public void Check(string sizeName)
    {
        if (!Types.Contains(Type))
        {
            throw new UsageException($"--type is '{Type}'; choose {string.Join(" or ", Types)}");
        }

        if (Type != BytePair && (Pattern ?? SpecialTokens?[0]) is not null)
        {
            throw new UsageException($"--pattern and --special are for --type {BytePair}; leave them out");
        }

        if (Pattern is not null && !BytePairTrainingOptions.Patterns.Contains(Pattern))
        {
            throw new UsageException($"--pattern is '{Pattern}'; choose {string.Join(", ", BytePairTrainingOptions.Patterns)}");
        }

        try
        {
            Settings.Check(Type == BytePair ? BytePairOptions.Validate : UnigramOptions.Validate);
        }
        catch (UsageException e)
        {
            throw new UsageException(SpecialToken().Replace(e.Message.Replace("--vocabulary-size", sizeName, StringComparison.Ordinal), "--special"), e);
        }
    }

    /// <summary>Trains it on a text that is read block by block.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">What to call the text.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="FailureException">The text and the recipe do not go together.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public TrainedTokenizer Train(Stream text, string name, IProgress<TokenizerTrainingProgress> progress, CancellationToken cancellation)
        => Run(name, trainer => trainer.Train(text, progress, cancellation));

    /// <summary>Trains it on a text in memory.</summary>
    /// <inheritdoc cref="Train(Stream, string, IProgress{TokenizerTrainingProgress}, CancellationToken)"/>
    public TrainedTokenizer Train(ReadOnlyMemory<byte> text, string name, IProgress<TokenizerTrainingProgress> progress, CancellationToken cancellation)
        => Run(name, trainer => trainer.Train(text, progress, cancellation));

    private TrainedTokenizer Run(string name, Func<TokenizerTrainer, TrainedTokenizer> train)
    {
        try
        {
            return train(Type == BytePair ? new BytePairTrainer(BytePairOptions) : new UnigramTrainer(UnigramOptions));
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new FailureException($"{name} gives no tokenizer. {e.Message}");
        }
    }

    [GeneratedRegex(@"SpecialTokens\[\d+\]")]
    private static partial Regex SpecialToken();
}
