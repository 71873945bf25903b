using System.Text.RegularExpressions;
using Inkling.Generation;
using Inkling.Models;
using Inkling.Training;
using OfGeneration = Inkling.Cli.Setting<Inkling.Generation.GenerationOptions>;
using OfModel = Inkling.Cli.Setting<Inkling.Models.GptConfig>;
using OfTraining = Inkling.Cli.Setting<Inkling.Training.TrainingOptions>;

namespace Inkling.Cli;

/// <summary>
/// Every field of the options for models, training and generation, once: the command line, files, help and messages all come
/// from here. A table and not reflection, so that a trimmed program keeps it; a test finds the field that it lacks.
/// </summary>
internal static partial class Settings
{
    /// <summary>For models without a tokenizer, which otherwise says it.</summary>
    public static Setting<GptConfig> Vocabulary { get; } =
        OfModel.Number("Different tokens", c => c.VocabularySize, (c, v) => c with { VocabularySize = v });

    /// <summary>The model's shape but for the vocabulary.</summary>
    public static IReadOnlyList<Setting<GptConfig>> Model { get; } =
    [
        OfModel.Number("Most tokens the model sees at once", c => c.ContextLength, (c, v) => c with { ContextLength = v }) with { ShortName = "context" },
        OfModel.Number("Blocks", c => c.LayerCount, (c, v) => c with { LayerCount = v }),
        OfModel.Number("Attention heads", c => c.HeadCount, (c, v) => c with { HeadCount = v }),
        OfModel.Number("Channels", c => c.Width, (c, v) => c with { Width = v }),
        OfModel.Number("Width of a head; 0: width / heads", c => c.HeadSize, (c, v) => c with { HeadSize = v }),
        OfModel.Number("Heads of keys and values; 0: as many as heads", c => c.KeyValueHeadCount, (c, v) => c with { KeyValueHeadCount = v }),
        OfModel.Number("Tokens a token sees, itself included; 0: all before it", c => c.AttentionWindow, (c, v) => c with { AttentionWindow = v }),
        OfModel.Flag("Norms of queries and keys", c => c.QueryKeyNorm, (c, v) => c with { QueryKeyNorm = v }),
        OfModel.Choice("How the model knows where a token stands", c => c.Positions, (c, v) => c with { Positions = v }),
        OfModel.Number("Base of the angles of rotary positions", c => c.RotaryBase, (c, v) => c with { RotaryBase = v }),
        OfModel.Number("Width inside the feed-forward layers; 0: 4 x width, or 8/3 with a gate", c => c.FeedForwardWidth, (c, v) => c with { FeedForwardWidth = v }),
        OfModel.Choice("Function inside the feed-forward layers", c => c.Activation, (c, v) => c with { Activation = v }),
        OfModel.Choice("Norms", c => c.Norm, (c, v) => c with { Norm = v }),
        OfModel.Choice("Where the norm of a layer f stands, x + f(norm(x)) or norm(x + f(x))", c => c.NormPlacement, (c, v) => c with { NormPlacement = v }),
        OfModel.Choice("Layers with biases", c => c.Biases, (c, v) => c with { Biases = v }),
        OfModel.Choice("Last linear layer", c => c.Head, (c, v) => c with { Head = v }),
        OfModel.Number("Added to the variance in norms", c => c.NormEpsilon, (c, v) => c with { NormEpsilon = v }),
        OfModel.Number("Fraction of embedding channels dropped", c => c.EmbeddingDropout, (c, v) => c with { EmbeddingDropout = v }),
        OfModel.Number("Fraction of attention weights dropped", c => c.AttentionDropout, (c, v) => c with { AttentionDropout = v }),
        OfModel.Number("Fraction of what blocks add dropped", c => c.ResidualDropout, (c, v) => c with { ResidualDropout = v }),
        OfModel.Number("Standard deviation of the first weights", c => c.InitialDeviation, (c, v) => c with { InitialDeviation = v }),
        OfModel.Flag("Residual layers begin smaller", c => c.ScalesResidualInitialization, (c, v) => c with { ScalesResidualInitialization = v }),
    ];

    /// <summary>The recipe.</summary>
    public static IReadOnlyList<Setting<TrainingOptions>> Training { get; } =
    [
        .. Batch,
        OfTraining.Number("Steps of the schedule", o => o.Steps, (o, v) => o with { Steps = v }),
        OfTraining.Number("Step to end at without moving the schedule; 0: the last", o => o.StopAt, (o, v) => o with { StopAt = v }),
        OfTraining.Number("Highest learning rate", o => o.LearningRate, (o, v) => o with { LearningRate = v }),
        OfTraining.Number("Learning rate at the end", o => o.MinimumLearningRate, (o, v) => o with { MinimumLearningRate = v }),
        OfTraining.Number("Steps in which the rate rises", o => o.WarmupSteps, (o, v) => o with { WarmupSteps = v }),
        OfTraining.Choice("What the rate does then", o => o.Schedule, (o, v) => o with { Schedule = v }),
        OfTraining.Number("Adam's first beta", o => o.Beta1, (o, v) => o with { Beta1 = v }),
        OfTraining.Number("Adam's second beta", o => o.Beta2, (o, v) => o with { Beta2 = v }),
        OfTraining.Number("Adam's epsilon", o => o.Epsilon, (o, v) => o with { Epsilon = v }),
        OfTraining.Number("Decay of matrices and tables", o => o.WeightDecay, (o, v) => o with { WeightDecay = v }),
        OfTraining.Number("Longest gradient; 0: any", o => o.ClipNorm, (o, v) => o with { ClipNorm = v }),
        OfTraining.Number("Skip losses this many deviations above the last; 0: none", o => o.SpikeThreshold, (o, v) => o with { SpikeThreshold = v }),
        OfTraining.Number("Losses it compares with", o => o.SpikeWindow, (o, v) => o with { SpikeWindow = v }),
        OfTraining.Number("Skipped steps in a row to end after; 0: any", o => o.MaximumSkippedSteps, (o, v) => o with { MaximumSkippedSteps = v }),
        OfTraining.Number("Steps between evaluations", o => o.EvaluateEvery, (o, v) => o with { EvaluateEvery = v }),
        OfTraining.Number("Evaluations without a better loss to end after; 0: any", o => o.Patience, (o, v) => o with { Patience = v }),
        OfTraining.Number("Random batches for the tutorials' estimate; 0: none", o => o.EstimateBatches, (o, v) => o with { EstimateBatches = v }),
        OfTraining.Number("Steps between lines in metrics.jsonl", o => o.ReportEvery, (o, v) => o with { ReportEvery = v }),
        OfTraining.Number("Steps between checkpoints", o => o.SaveEvery, (o, v) => o with { SaveEvery = v }),
        OfTraining.Number("Newest checkpoints kept, besides the best", o => o.KeepCheckpoints, (o, v) => o with { KeepCheckpoints = v }),
        OfTraining.Number("Seed of every random draw", o => o.Seed, (o, v) => o with { Seed = v }),
    ];

    /// <summary>What of a recipe changes speed and memory.</summary>
    public static IEnumerable<Setting<TrainingOptions>> Batch =>
    [
        OfTraining.Number("Sequences per step", o => o.BatchSize, (o, v) => o with { BatchSize = v }) with { ShortName = "batch" },
        OfTraining.Number("Sequences at once; fewer save memory; 0: all", o => o.MicroBatchSize, (o, v) => o with { MicroBatchSize = v }),
        OfTraining.Flag("Compute blocks twice to save memory", o => o.Recompute, (o, v) => o with { Recompute = v }),
        OfTraining.Choice("Precision of the products, or the faster one here", o => o.Precision, (o, v) => o with { Precision = v }),
    ];

    /// <summary>How a text is continued.</summary>
    public static IReadOnlyList<Setting<GenerationOptions>> Generation { get; } =
    [
        OfGeneration.Number("Tokens to write", o => o.TokenCount, (o, v) => o with { TokenCount = v }) with { ShortName = "tokens" },
        OfGeneration.Number("Divides the logits; 0: always the most probable", o => o.Temperature, (o, v) => o with { Temperature = v }),
        OfGeneration.Number("Draw from this many tokens; 0: all", o => o.TopK, (o, v) => o with { TopK = v }),
        OfGeneration.Number("Draw from tokens that have this probability together; 1: all", o => o.TopP, (o, v) => o with { TopP = v }),
        OfGeneration.Number("Draw from tokens of this share of the highest probability; 0: all", o => o.MinP, (o, v) => o with { MinP = v }),
        OfGeneration.Number("Divides logits of tokens in prompt and text; 1: off", o => o.RepetitionPenalty, (o, v) => o with { RepetitionPenalty = v }),
        OfGeneration.Number("Subtracted once for a token in the text; 0: off", o => o.PresencePenalty, (o, v) => o with { PresencePenalty = v }),
        OfGeneration.Number("Subtracted each time a token is in the text; 0: off", o => o.FrequencyPenalty, (o, v) => o with { FrequencyPenalty = v }),
        OfGeneration.Number("Seed of every random draw", o => o.Seed, (o, v) => o with { Seed = v }),
        OfGeneration.Number("Number of the text; each is another", o => o.Sequence, (o, v) => o with { Sequence = v }),
        OfGeneration.Choice("What stays visible when the context is full", o => o.Window, (o, v) => o with { Window = v }),
    ];

    private static readonly Dictionary<string, string> Names =
        new[] { Model.Prepend(Vocabulary).Select(each => each.Field), Training.Select(each => each.Field), Generation.Select(each => each.Field) }
            .SelectMany(fields => fields)
            .Distinct()
            .ToDictionary(field => field, field => $"--{Kebab.From(field)}");

    /// <summary>Lets the library check a record, and says what it finds in the words of the command line.</summary>
    /// <exception cref="UsageException">The record is not valid.</exception>
    public static void Check(Action validate)
    {
        try
        {
            validate();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(Word().Replace(e.Message, word => Names.GetValueOrDefault(word.Value, word.Value)), e);
        }
    }

    [GeneratedRegex("[A-Z][A-Za-z0-9]+")]
    private static partial Regex Word();
}
