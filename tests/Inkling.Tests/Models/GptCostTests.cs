using Inkling.Kernels.Reference;
using Inkling.Models;

namespace Inkling.Tests.Models;

public sealed class GptCostTests
{
    public static IEnumerable<object[]> Kinds =>
        from biases in Enum.GetValues<BiasPlacement>()
        from head in Enum.GetValues<HeadKind>()
        select new object[] { biases, head };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_parameter_count_is_that_of_the_model(BiasPlacement biases, HeadKind head)
    {
        GptConfig[] sizes =
        [
            new() { VocabularySize = 1, ContextLength = 1, LayerCount = 1, HeadCount = 1, Width = 1 },
            new() { VocabularySize = 65, ContextLength = 64, LayerCount = 4, HeadCount = 4, Width = 128 },
            new() { VocabularySize = 17, ContextLength = 5, LayerCount = 3, HeadCount = 2, Width = 7, HeadSize = 3, FeedForwardWidth = 11 },
        ];
        foreach (var size in sizes)
        {
            var config = size with { Biases = biases, Head = head };
            using var model = new Gpt(config, new ReferenceKernels<float>());

            Assert.Equal(model.Parameters.ParameterCount, new GptCost(config).ParameterCount);
        }
    }

    /// <summary>The comments in GptPresets; nano, baby, lecture and post-norm with the vocabulary of Shakespeare's characters.</summary>
    [Theory]
    [InlineData("scenes", 65, 0.81)]
    [InlineData("nano", 65, 0.80)]
    [InlineData("baby", 65, 10.75)]
    [InlineData("lecture", 65, 10.79)]
    [InlineData("post-norm", 65, 28.37)]
    [InlineData("gpt2", 50_257, 124.44)]
    [InlineData("gpt2-medium", 50_257, 354.82)]
    [InlineData("gpt2-large", 50_257, 774.03)]
    [InlineData("gpt2-xl", 50_257, 1_557.61)]
    public void A_preset_has_as_many_parameters_as_its_row_says(string preset, int vocabularySize, double millions)
    {
        var cost = new GptCost(GptPresets.Shapes[preset] with { VocabularySize = vocabularySize });

        Assert.Equal(millions, Math.Round(cost.ParameterCount / 1e6, 2));
    }

    [Fact]
    public void A_model_of_hand_has_the_costs_of_hand()
    {
        // One layer, two heads of 3 in a width of 4: matrices 4·18 + 6·4 + 4·16 + 16·4 = 224, head 5·4 = 20.
        var cost = new GptCost(new GptConfig
        {
            VocabularySize = 5,
            ContextLength = 8,
            LayerCount = 1,
            HeadCount = 2,
            Width = 4,
            HeadSize = 3,
            Biases = BiasPlacement.None,
        });

        Assert.Equal(244, cost.ProductWeights);
        Assert.Equal(20 + 32 + 224 + 12, cost.ParameterCount); // tables, matrices, three gains
        Assert.Equal((6 * 244) + (12 * 1 * 2 * 3 * 8), cost.TrainingFlopsPerToken(8));
        Assert.Equal(cost.TrainingFlopsPerToken(8) / 3, cost.ForwardFlopsPerToken(8));
        Assert.Equal((2 * 224) + (4 * 1 * 2 * 3 * 8), cost.RecomputeFlopsPerToken(8)); // the layer's matrices, and its attention
        Assert.Equal(2 * 6 * 4, cost.CacheBytesPerToken);
        Assert.Equal(4 * 288, cost.ParameterBytes);
    }

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void The_parameter_count_of_a_variant_is_that_of_the_model(string variant)
    {
        var config = GptVariants.Apply(TinyModel.Config, variant);
        using var model = new Gpt(config, new ReferenceKernels<float>());

        Assert.Equal(model.Parameters.ParameterCount, new GptCost(config).ParameterCount);
    }

    [Fact]
    public void A_window_costs_what_is_seen_through_it()
    {
        var config = new GptConfig { ContextLength = 8, AttentionWindow = 3 };
        var products = 6.0 * new GptCost(config).ProductWeights;

        // The band around the diagonal, as an area: 8·8 less two triangles of 5 by 5 is 39, in each of 8 rows 4.875.
        Assert.Equal(12 * 12 * 768 * 4.875, new GptCost(config).TrainingFlopsPerToken(8) - products);
        Assert.Equal(12 * 12 * 768 * 8.0, new GptCost(config with { AttentionWindow = 8 }).TrainingFlopsPerToken(8) - products);
    }

    [Fact]
    public void The_largest_shapes_are_counted_without_overflow()
    {
        var cost = new GptCost(new GptConfig { LayerCount = 4_096, Width = 1 << 19, HeadCount = 1 << 10 });

        Assert.Equal(12 * 4_096 * Math.Pow(2, 38), cost.AttentionWeights + (double)cost.FeedForwardWeights);
    }

    [Fact]
    public void Every_preset_is_valid()
    {
        foreach (var config in GptPresets.Shapes.Values)
            config.Validate();
    }
}
