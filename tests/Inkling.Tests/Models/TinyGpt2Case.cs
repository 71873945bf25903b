using System.Text.Json;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Tests.Models;

/// <summary>A case of tests/fixtures/tiny_gpt2/fixture.json, whose README says what each field is.</summary>
internal sealed class TinyGpt2Case(JsonElement fields)
{
    public GptConfig Config { get; } = Configure(fields.GetProperty("config"));

    public TrainingOptions Options { get; } = Optimize(fields.GetProperty("optimizer"));

    public int[] Tokens { get; } = [.. Numbers(fields.GetProperty("tokens")).Select(number => (int)number)];

    public int[] Targets { get; } = [.. Numbers(fields.GetProperty("targets")).Select(number => (int)number)];

    public static TinyGpt2Case Load(string name)
    {
        using var file = File.OpenRead(Path.Combine(RepositoryFolder.Root, "tests/fixtures/tiny_gpt2/fixture.json"));
        return new TinyGpt2Case(JsonDocument.Parse(file).RootElement.GetProperty("cases").GetProperty(name));
    }

    /// <summary>A tensor, or the tensor of a parameter.</summary>
    public double[] Numbers(string field, string? parameter = null)
        => Numbers(parameter is null ? fields.GetProperty(field) : fields.GetProperty(field).GetProperty(parameter));

    /// <summary>A plain list.</summary>
    public double[] List(string field) => [.. fields.GetProperty(field).EnumerateArray().Select(number => number.GetDouble())];

    public int CountOf(string field) => fields.GetProperty(field).EnumerateObject().Count();

    public IEnumerable<ZeroGradient> ZeroGradients(string parameter) =>
        from zero in fields.GetProperty("zeroGradients").EnumerateArray()
        where zero.GetProperty("name").GetString() == parameter
        select new ZeroGradient(zero.GetProperty("from").GetInt32()..zero.GetProperty("to").GetInt32(), zero.GetProperty("exact").GetBoolean());

    private static double[] Numbers(JsonElement tensor) => [.. tensor.GetProperty("values").EnumerateArray().Select(number => number.GetDouble())];

    private static GptConfig Configure(JsonElement config) => new()
    {
        VocabularySize = config.GetProperty("vocabularySize").GetInt32(),
        ContextLength = config.GetProperty("contextLength").GetInt32(),
        Width = config.GetProperty("width").GetInt32(),
        LayerCount = config.GetProperty("layerCount").GetInt32(),
        HeadCount = config.GetProperty("headCount").GetInt32(),
        FeedForwardWidth = config.GetProperty("feedForwardWidth").GetInt32(),
        NormEpsilon = config.GetProperty("normEpsilon").GetDouble(),
        Activation = config.GetProperty("activation").GetString() == "gelu-tanh" ? FeedForwardKind.GeluTanh : FeedForwardKind.Gelu,
        Biases = config.GetProperty("biases").GetBoolean() ? BiasPlacement.Everywhere : BiasPlacement.None,
        Head = config.GetProperty("tiedHead").GetBoolean() ? HeadKind.Tied : HeadKind.Untied,
    };

    private static TrainingOptions Optimize(JsonElement optimizer) => new()
    {
        LearningRate = optimizer.GetProperty("learningRate").GetDouble(),
        Beta1 = optimizer.GetProperty("beta1").GetDouble(),
        Beta2 = optimizer.GetProperty("beta2").GetDouble(),
        Epsilon = optimizer.GetProperty("epsilon").GetDouble(),
        WeightDecay = optimizer.GetProperty("weightDecay").GetDouble(),
        ClipNorm = optimizer.GetProperty("clipNorm") is { ValueKind: JsonValueKind.Number } norm ? norm.GetDouble() : 0,
    };

    /// <summary>Elements whose true gradient is zero: computed as exactly that, or as rounding noise.</summary>
    internal sealed record ZeroGradient(Range Range, bool IsExact);
}
