using Inkling.Cli;
using Inkling.Generation;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Tests.Cli;

public sealed class SettingsTests
{
    [Fact]
    public void Every_field_of_the_model_is_an_option() => HasAll([Settings.Vocabulary, .. Settings.Model]);

    [Fact]
    public void Every_field_of_the_recipe_is_an_option() => HasAll(Settings.Training);

    [Fact]
    public void Every_field_of_generation_is_an_option() => HasAll(Settings.Generation);

    [Fact]
    public void What_is_set_is_what_is_shown()
    {
        SetsWhatItGets(Settings.Model, GptPresets.Shapes["lecture"], new GptConfig());
        SetsWhatItGets(Settings.Training, Recipes.ByPreset["lecture"] with { MicroBatchSize = 3, StopAt = 7 }, new TrainingOptions());
        var generation = new GenerationOptions { TopK = 3, TopP = 0.5, MinP = 0.1, RepetitionPenalty = 2, PresencePenalty = 3, FrequencyPenalty = 4, Window = WindowRule.Exact };
        SetsWhatItGets(Settings.Generation, generation, new GenerationOptions());
    }

    [Fact]
    public void A_file_lies_over_the_preset_and_the_command_line_over_the_file()
    {
        using var folder = new Formats.TemporaryFolder();
        var file = folder["small.json"];
        File.WriteAllText(file, """{"preset": "baby", "width": 48, "layer-count": 3, "biases": "except-query-key-value", "dropout": 0.3}""");

        var model = InklingCommand.Run("info", "--json", "--config", file, "--layer-count", "2", "--residual-dropout", "0.1").Json[0]["model"]!;

        Assert.Equal("""[48,2,6,"exceptQueryKeyValue",0.3,0.3,0.1]""", new System.Text.Json.Nodes.JsonArray([.. new[]
        {
            "width", "layerCount", "headCount", "biases", "embeddingDropout", "attentionDropout", "residualDropout",
        }.Select(name => model[name]!.DeepClone())]).ToJsonString());
    }

    [Theory]
    [InlineData(true, "--query-key-norm")]
    [InlineData(true, "--query-key-norm", "true")]
    [InlineData(false, "--query-key-norm", "false")]
    [InlineData(false)]
    public void A_flag_alone_means_true(bool expected, params string[] arguments)
        => Assert.Equal(expected, (bool)InklingCommand.Run(["info", .. arguments, "--preset", "nano", "--json"]).Json[0]["model"]!["queryKeyNorm"]!);

    [Fact]
    public void A_flag_leaves_the_text_that_follows_it_to_the_command()
    {
        var result = InklingCommand.Run("train", "--recompute", "no-such-text.txt");

        Assert.Equal((1, $"inkling: {Path.GetFullPath("no-such-text.txt")} does not exist.\n"), (result.ExitCode, result.Error));
    }

    private static void HasAll<TOptions>(IEnumerable<Setting<TOptions>> settings)
        => Assert.Equal(
            typeof(TOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Order(),
            settings.Select(setting => setting.Field).Order());

    private static void SetsWhatItGets<TOptions>(IReadOnlyList<Setting<TOptions>> settings, TOptions source, TOptions target)
        where TOptions : IEquatable<TOptions>
    {
        var copy = settings.Aggregate(target, (options, setting) => setting.Set(options, setting.Get(source)));

        Assert.All(settings, setting => Assert.Equal(setting.Get(source), setting.Get(copy)));
        Assert.NotEqual(target, copy);
    }
}
