using System.Text.Json.Nodes;
using Inkling.Tests.Formats;

namespace Inkling.Tests.Cli;

/// <summary>Training that goes on from a finished model, and training that ends when patience does.</summary>
public sealed class TrainExtrasTests : IDisposable
{
    private static readonly string[] Shape = ["--layer-count", "1", "--width", "16", "--head-count", "2", "--context", "16"];

    private static readonly string[] Recipe =
        ["--batch", "4", "--threads", "1", "--evaluate-every", "5", "--warmup-steps", "2", "--sample-tokens", "0"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _corpus;
    private readonly string _other;

    public TrainExtrasTests()
    {
        _corpus = _folder["tale.txt"];
        File.WriteAllText(_corpus, string.Concat(Enumerable.Repeat("ink and pen – ", 60)));
        _other = _folder["other.txt"];
        File.WriteAllText(_other, string.Concat(Enumerable.Repeat("pinned – and inked ", 60)));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_trained_on_with_its_own_preset_and_is_evaluated_first()
    {
        Train();

        var result = Continue("--steps", "10", "--learning-rate", "0.001", "--dropout", "0.1");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"^model +lecture: (?s:.)+\nfrom +\S+model\nparameters", result.Output);
        Assert.Matches(@"step +0  validation loss (?s:.)+step +5  validation loss (?s:.)+step 10  validation loss ", result.Output);
        var about = JsonNode.Parse(File.ReadAllText(_folder["fine/inkling.json"]))!["about"]!;
        Assert.Equal(("lecture", _folder["model"]), ((string)about["preset"]!, (string)about["from"]!["path"]!));
        Assert.Equal(0.999, (double)about["training"]!["beta2"]!); // the preset's, whatever the model was trained with
        Assert.Equal(0, InklingCommand.Run("generate", _folder["fine"], "--prompt", "pin", "--tokens", "5").ExitCode);
    }

    [Fact]
    public void A_model_whose_weights_are_not_finite_is_no_model_to_go_on_from()
    {
        Train();
        var path = _folder["model/model.safetensors"];
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length - 4).Fill(0xFF); // a NaN
        File.WriteAllBytes(path, bytes);
        File.Delete(_folder["model/manifest.json"]);

        var result = Continue("--steps", "5");

        Assert.Equal((1, $"inkling: {_folder["model"]} is no model to go on from: some of its weights are not finite.\n"), (result.ExitCode, result.Error));
        Assert.False(Directory.Exists(_folder["fine"]));
    }

    [Fact]
    public void A_text_that_has_changed_since_is_not_measured_as_the_one_it_was()
    {
        Train();
        File.AppendAllText(_corpus, "pen and ink");

        var result = InklingCommand.Run("evaluate", _folder["model"]);

        Assert.Equal((1, $"inkling: {_corpus} changed since the model was trained on it; give the text to measure on\n"), (result.ExitCode, result.Error));
        Assert.Equal(0, InklingCommand.Run("evaluate", _folder["model"], _corpus).ExitCode);
    }

    [Fact]
    public void Another_preset_gives_its_recipe_and_not_its_shape()
    {
        Train();

        var result = Continue("--steps", "5", "--preset", "gpt2");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("gpt2: 1 layer, 2 heads, width 16, context 16, vocabulary 9\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("learning rate 0.0006 to 6E-05 (cosine)", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--width", "32", "--width is 32, but the model in {0} has 16; a trained model keeps its shape")]
    [InlineData("--context", "8", "--context-length is 8, but the model in {0} has 16; a trained model keeps its shape")]
    [InlineData("--activation", "gelu", "--activation is gelu, but the model in {0} has relu; a trained model keeps its shape")]
    [InlineData("--preset", "foo", "there is no preset 'foo'; choose scenes, nano, baby, lecture, post-norm, gpt2, gpt2-medium, gpt2-large, gpt2-xl")]
    [InlineData("--tokenizer", "char", "--tokenizer cannot be given with --from: the model brings its own")]
    public void What_contradicts_the_model_is_refused(string option, string value, string message)
    {
        Train();

        var result = Continue(option, value);

        Assert.Equal((2, "", $"inkling: {string.Format(null, message, _folder["model"])}\n"), (result.ExitCode, result.Output, result.Error));
        Assert.False(Path.Exists(_folder["fine"]));
    }

    [Fact]
    public void A_shape_that_is_said_again_is_no_contradiction()
    {
        Train();
        Assert.Equal(0, Continue([.. Shape, "--steps", "1"]).ExitCode);
    }

    [Fact]
    public void A_model_that_does_not_say_how_it_was_trained_needs_a_preset()
    {
        Train();
        var path = _folder["model/inkling.json"];
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        json["about"] = new JsonObject();
        File.WriteAllText(path, json.ToJsonString());
        File.Delete(_folder["model/manifest.json"]);

        var result = Continue("--steps", "1");

        Assert.Equal(
            (2, $"inkling: the model in {_folder["model"]} does not say how it was trained; give a recipe with --preset\n"), (result.ExitCode, result.Error));
        Assert.Equal(0, Continue("--steps", "1", "--preset", "nano").ExitCode);
    }

    [Fact]
    public void A_character_that_the_model_lacks_is_named_with_its_place()
    {
        Train();
        File.WriteAllText(_other, "pens, " + File.ReadAllText(_corpus));

        var result = Continue();

        Assert.Equal(
            (1, "", $"inkling: {_other} does not suit the model. Character 's' U+0073 at byte offset 3, character index 3, "
                + "is not in the vocabulary of 9 tokens.\n"),
            (result.ExitCode, result.Output, result.Error));
        Assert.False(Path.Exists(_folder["fine"]));
    }

    [Fact]
    public void A_model_that_is_not_there_is_named()
    {
        var result = Continue();
        Assert.Equal((1, "", $"inkling: {_folder["model"]}: there is no such folder\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void A_run_out_of_patience_says_so_and_more_patience_goes_on()
    {
        // At this rate nothing is learned after the first evaluation.
        string[] hopeless = ["--learning-rate", "10", "--clip-norm", "0", "--schedule", "constant", "--steps", "100"];
        var result = InklingCommand.Run(["train", _corpus, "--out", _folder["model"], .. Shape, .. Recipe, .. hopeless, "--patience", "2", "--json"]);

        Assert.Equal(0, result.ExitCode);
        var last = result.Json[^1];
        Assert.Equal("outOfPatience", (string)last["ended"]!);
        var best = (int)last["steps"]! - 10;
        Assert.Contains(
            $"out of patience at step {best + 10} of 100: no better loss since step {best}\n", result.Error, StringComparison.Ordinal);

        var again = InklingCommand.Run("train", "--resume", "--out", _folder["model"], "--sample-tokens", "0");
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Contains(
            $"note It has ended: 2 evaluations in a row were no better than the best, at step {best}. A larger --patience, or 0, goes on.",
            string.Join(' ', again.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

        var more = InklingCommand.Run("train", "--resume", "--out", _folder["model"], "--sample-tokens", "0", "--patience", "0", "--json");
        Assert.Equal((100, "completed"), ((int)more.Json[^1]["steps"]!, (string)more.Json[^1]["ended"]!));
    }

    private void Train()
        => Assert.Equal(0, InklingCommand.Run(["train", _corpus, "--preset", "lecture", "--beta2", "0.98", "--out", _folder["model"], .. Shape, .. Recipe, "--steps", "5"]).ExitCode);

    private CommandResult Continue(params string[] more)
        => InklingCommand.Run(["train", _other, "--from", _folder["model"], "--out", _folder["fine"], .. Recipe, .. more]);
}
