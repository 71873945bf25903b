using System.Globalization;
using Inkling.Cli.Screen;
using Inkling.Data;
using Inkling.Formats;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary>What <c>train --tokenizer</c> may say: a kind, a kind to be trained with its size, or where a tokenizer lies.</summary>
internal sealed class TokenizerChoice
{
    /// <summary>Taken where nothing is given.</summary>
    public const string Default = Characters;

    /// <summary>The forms there are, for help and errors.</summary>
    public const string Forms = "char, byte, bpe:SIZE, unigram:SIZE, or a tokenizer's path";

    private const string Characters = "char";
    private const string Bytes = "byte";

    private readonly string _text;
    private readonly TokenizerRecipe? _recipe;

    /// <summary>Understands what was given.</summary>
    /// <param name="text">As it was given.</param>
    /// <param name="threadCount">How many threads may train it.</param>
    /// <exception cref="UsageException">It is none of <see cref="Forms"/>.</exception>
    public TokenizerChoice(string text, int threadCount)
    {
        _text = text;
        if (text.Split(':') is [var type, var size] && TokenizerRecipe.Types.Contains(type))
        {
            _recipe = int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new TokenizerRecipe(type, number, threadCount)
                : throw new UsageException($"--tokenizer is '{text}'; its size must be a whole number, such as {type}:8192");
            _recipe.Check("the size in --tokenizer");
        }
        else if (text is not (Characters or Bytes) && !Path.Exists(text))
        {
            throw new UsageException($"--tokenizer is '{text}'; it must be {Forms}");
        }
    }

    /// <summary>Makes the tokenizer for a text. One that is trained learns from the part that the model learns from.</summary>
    /// <param name="text">The text.</param>
    /// <param name="streams">Show how far it is.</param>
    /// <param name="cancellation">Ends the training.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Tokenizer Make(TextCorpus text, Streams streams, CancellationToken cancellation)
    {
        if (_recipe is null)
        {
            return _text switch
            {
                Characters => CharacterTokenizer.Train(text.Bytes.Span),
                Bytes => ByteTokenizer.Create(),
                _ => Load(_text),
            };
        }

        var training = text.Bytes[..(int)(text.ByteCount * (1 - DataSplit.DefaultValidationFraction))];
        var line = new TokenizerTrainingLine(streams.Error, Terminal.None, training.Length, _recipe.Size);
        return _recipe.Train(training, text.Name, line, cancellation).Tokenizer;
    }

    private static Tokenizer Load(string path)
    {
        var tokenizer = TokenizerFiles.Load(path);
        try
        {
            // A model is kept with its tokenizer, so one that cannot be written is refused before anything else is done.
            tokenizer.Save(Stream.Null);
            return tokenizer;
        }
        catch (NotSupportedException e)
        {
            throw new FailureException($"{path} cannot be kept with a model: {e.Message}");
        }
    }
}
