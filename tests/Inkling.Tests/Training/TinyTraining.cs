using Inkling.Data;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>A model and a text that are small enough to train in a test, with dropout and odd sizes.</summary>
internal static class TinyTraining
{
    public static readonly GptConfig Model = new()
    {
        VocabularySize = 27,
        ContextLength = 19,
        LayerCount = 2,
        HeadCount = 3,
        Width = 33,
        Activation = FeedForwardKind.Gelu,
        EmbeddingDropout = 0.1,
        AttentionDropout = 0.2,
        ResidualDropout = 0.1,
    };

    public static readonly TrainingOptions Options = new() { BatchSize = 8, Steps = 100, WarmupSteps = 5, Seed = 7 };

    /// <summary>Words of a few letters, drawn with a fixed seed: something to learn, and nobody's text.</summary>
    public static string Text { get; } = MakeText();

    public static DataSplit Data { get; } = MakeData();

    /// <summary>Trains from the start and returns every weight.</summary>
    public static float[] Train(IKernels kernels, GptConfig config, TrainingOptions options, int steps, DataSplit? data = null)
    {
        using var model = new Gpt(config, kernels, options.ResolvedFor(kernels).Precision);
        model.Parameters.Initialize(options.Seed);
        using var trainer = new Trainer(model, data ?? Data, options);
        for (var i = 0; i < steps; i++)
        {
            trainer.TrainStep();
        }

        return Read(kernels, model.Parameters.Values);
    }

    public static float[] Read(IKernels kernels, DeviceBuffer buffer)
    {
        var values = new float[buffer.Count];
        kernels.Read<float>(buffer.View(1, values.Length), values);
        return values;
    }

    private static string MakeText()
    {
        var random = new Random(11);
        string[] words = [.. Enumerable.Range(0, 40).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 7)).Select(_ => (char)('a' + random.Next(26)))))];
        return string.Join(' ', Enumerable.Range(0, 2_000).Select(_ => words[random.Next(words.Length)]));
    }

    private static DataSplit MakeData()
    {
        var tokenizer = CharacterTokenizer.Train(System.Text.Encoding.UTF8.GetBytes(Text));
        Assert.Equal(Model.VocabularySize, tokenizer.VocabularySize);
        return DataSplit.Split(TokenData.From(tokenizer.Encode(Text), tokenizer.VocabularySize), tokenizer);
    }
}
