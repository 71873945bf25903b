using System.Text;
using System.Text.Json.Nodes;
using Inkling.Cli;
using Inkling.Data.Scenes;
using Inkling.Kernels.Reference;
using Inkling.Models;
using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Cli;

/// <summary>Training with no text at all.</summary>
public sealed class ScenesTests : IDisposable
{
    private static readonly string[] Tiny =
    [
        "--scene-characters", "20000", "--layer-count", "1", "--width", "16", "--head-count", "2", "--context", "16", "--batch", "4", "--threads", "1",
        "--evaluate-every", "10", "--steps", "20", "--warmup-steps", "2", "--sample-tokens", "200",
    ];

    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_text_the_scenes_are_learned_measured_and_graded()
    {
        var trained = InklingCommand.Run(["train", "--out", Run, .. Tiny]);

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.Contains("built-in scenes", trained.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nfloor         0\.\d{3} nats per character", trained.Output);
        Assert.Matches(@"\n  report card: real words \d+.?%", trained.Output);
        Assert.Matches(@"\n  +\d\.\d{3} with half the context before it: \d+\.\d.?% above the floor of 0\.\d{3}\n", trained.Output);
    }

    [Fact]
    public void A_run_on_scenes_goes_on_and_is_evaluated_without_a_text()
    {
        InklingCommand.Run(["train", "--out", Run, .. Tiny, "--stop-at", "10"]);

        var resumed = InklingCommand.Run("train", "--resume", "--out", Run, "--stop-at", "0");
        var evaluated = InklingCommand.Run("evaluate", Run, "--json");

        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("The run goes on at step 10.", resumed.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (evaluated.ExitCode, evaluated.Error));
        Assert.InRange((int)evaluated.Json[0]["tokenCount"]!, 2_000, 2_100);
        var about = JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "inkling.json")))!["about"]!["corpus"]!;
        Assert.Equal((null, 20_000), ((string?)about["path"], (int)about["sceneCharacterCount"]!));
    }

    [Theory]
    [InlineData("--scene-characters is '0'; it must be a whole number, 1 to 1000000000", "--scene-characters", "0")]
    [InlineData("--scene-characters says how long our own scenes are, but the text is book.txt; leave one of them out", "book.txt", "--scene-characters", "9")]
    public void A_length_that_makes_no_sense_is_refused(string message, params string[] args)
    {
        var refused = InklingCommand.Run(["train", "--out", Run, .. args]);

        Assert.Equal((2, $"inkling: {message}\n"), (refused.ExitCode, refused.Error));
    }

    /// <summary>The floor is the mean surprise of the very characters whose losses are averaged.</summary>
    [Fact]
    public void The_floor_is_that_of_the_characters_with_half_a_context()
    {
        var settings = new RunSettings
        {
            SceneCharacterCount = 6_000,
            Model = new GptConfig { LayerCount = 1, HeadCount = 1, Width = 4, ContextLength = 10 },
            Training = new TrainingOptions(),
        };
        var text = settings.OpenCorpus();
        using var run = TrainingRun.Start(settings, text, Run, new ReferenceKernels<float>());

        var surprise = SceneCorpus.Surprise(Encoding.ASCII.GetString(text.Bytes.Span))[(int)run.Trainer.Data.Training.Length..];
        // The first character is given, then windows of ten predictions, of which those from the fifth on see five.
        var late = surprise.Skip(1).Where((_, i) => i % 10 >= 4).Average();

        Assert.Equal(late, SceneMeasure.Of(text, run)!.Floor, 1e-12);
    }
}
