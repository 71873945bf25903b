using System.Text.Json.Nodes;
using Inkling.Kernels.Cpu;
using Inkling.Tests.Formats;

namespace Inkling.Tests.Cli;

public sealed class EndToEndTests : IDisposable
{
    private static readonly string[] Tiny =
    [
        "--layer-count", "1", "--width", "16", "--head-count", "2", "--context", "16", "--batch", "4", "--threads", "1",
        "--evaluate-every", "10", "--warmup-steps", "2", "--sample-tokens", "20",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly string _corpus;

    public EndToEndTests()
    {
        // Two words in a fixed order, with a letter of three bytes in UTF-8.
        _corpus = _folder["tale.txt"];
        File.WriteAllText(_corpus, string.Concat(Enumerable.Repeat("ink and pen – ", 60)));
    }

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_trained_writes_is_evaluated_and_described()
    {
        var trained = Train("--steps", "20");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.Matches(
            @"^model .+\nparameters .+\nmemory .+\ncorpus (?s:.)+\ntokens .+\nrecipe (?s:.)+\nstep 10  validation loss (?s:.)+step 20  validation loss (?s:.)+"
            + @"done: best validation loss .+\nto see how it went, open .+report\.html in a browser\nto let it write:\n  inkling generate .+ --prompt ""ink and pen –( ink)?""\n$",
            trained.Output);

        var written = InklingCommand.Run("generate", Run, "--prompt", "ink –", "--tokens", "12");
        Assert.Equal((0, ""), (written.ExitCode, written.Error));
        Assert.Matches("^ink –[inkadpe –]{12}\n$", written.Output);

        var piped = InklingCommand.RunWithInput("ink –", "generate", Run, "-", "--tokens", "12", "--json");
        Assert.Equal(["text", "tokenCount", "tokensPerSecond", "stopReason"], Keys(piped.Json[0]));
        Assert.Equal(written.Output, $"ink –{piped.Json[0]["text"]}\n");

        var evaluated = InklingCommand.Run("evaluate", Run, "--json").Json[0];
        Assert.Equal(["loss", "perplexity", "bitsPerByte", "tokenCount", "byteCount", "lossHalfContext"], Keys(evaluated));
        Assert.Equal(84, (int)evaluated["tokenCount"]!);
        Assert.Equal(96, (int)evaluated["byteCount"]!);
        Assert.Equal(Math.Exp((double)evaluated["loss"]!), (double)evaluated["perplexity"]!, 1e-9);
        var all = InklingCommand.Run("evaluate", Run, _corpus, "--part", "all", "--json").Json[0];
        Assert.Equal((840, 960), ((int)all["tokenCount"]!, (int)all["byteCount"]!));

        var info = InklingCommand.Run("info", Run);
        Assert.Contains("shape         1 layer, 2 heads, width 16, context 16, vocabulary 9", info.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_are_lines_of_JSON_and_progress_goes_to_standard_error()
    {
        var result = Train("--steps", "20", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal([10, 20], result.Json.SkipLast(1).Select(line => (int)line["step"]!));
        var last = result.Json[^1];
        Assert.Equal(["steps", "trainLoss", "validationLoss", "bestValidationLoss", "seconds", "tokensPerSecond", "utilization", "model", "skippedSteps", "ended"], Keys(last));
        Assert.Equal(20, (int)last["steps"]!);
        Assert.Equal(Run, (string)last["model"]!);
        Assert.Contains("step 20  validation loss", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_ends_like_one_that_was_never_interrupted()
    {
        var whole = Train("--steps", "20", "--json").Json[^1];
        Directory.Move(Run, $"{Run}-whole");

        Assert.Equal(0, Train("--steps", "20", "--stop-at", "7").ExitCode);
        var resumed = InklingCommand.Run("train", "--resume", "--out", Run, "--stop-at", "20", "--sample-tokens", "0", "--json");

        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("The run goes on at step 7.", resumed.Error, StringComparison.Ordinal);
        Assert.Equal((double)whole["validationLoss"]!, (double)resumed.Json[^1]["validationLoss"]!);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine($"{Run}-whole", "model.safetensors")), File.ReadAllBytes(Path.Combine(Run, "model.safetensors")));
    }

    [Fact]
    public void A_run_is_resumed_only_as_it_was_begun()
    {
        Assert.Equal(0, Train("--steps", "2", "--learning-rate", "0.001").ExitCode);

        var preset = InklingCommand.Run("train", "--resume", "--out", Run, "--preset", "baby");
        Assert.Equal((2, "inkling: the run was begun with --preset nano, not baby\n"), (preset.ExitCode, preset.Error));
        var rate = InklingCommand.Run("train", "--resume", "--out", Run, "--learning-rate", "0.5");
        Assert.Equal(1, rate.ExitCode);
        Assert.Contains("learningRate was 0.001 and is 0.5", rate.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_outside_the_vocabulary_is_named_with_its_place()
    {
        Assert.Equal(0, Train("--steps", "1").ExitCode);

        var result = InklingCommand.Run("generate", Run, "--prompt", "ink é");

        Assert.Equal(
            (1, "", "inkling: the prompt does not suit the model. Character 'é' U+00E9 at byte offset 4, character index 4, "
                + "is not in the vocabulary of 9 tokens.\n"),
            (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void A_damaged_model_is_one_line()
    {
        Assert.Equal(0, Train("--steps", "1").ExitCode);
        var weights = Path.Combine(Run, "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);

        var result = InklingCommand.Run("generate", Run, "--prompt", "ink");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"inkling: {weights}", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Bench_train_prints_exactly_one_line_of_JSON()
    {
        var line = Assert.Single(InklingCommand.Run(
            "bench", "train", "--preset", "nano", "--width", "16", "--batch", "2", "--context", "8", "--steps", "3", "--threads", "1", "--json").Json);

        Assert.Equal(
            ["name", "millisecondsPerStep", "forward", "backward", "optimizer", "tokensPerSecond", "gflops", "peakGflops", "utilization"], Keys(line));
        Assert.Equal("nano", (string)line["name"]!);
        Assert.Equal((double)line["gflops"]! / (double)line["peakGflops"]!, (double)line["utilization"]!, 1e-12);
        Assert.Equal(16_000 / (double)line["millisecondsPerStep"]!, (double)line["tokensPerSecond"]!, 1e-6);
    }

    [Fact]
    public void Bench_scaling_measures_every_number_of_threads_and_every_size()
    {
        var lines = InklingCommand.Run(
            "bench", "scaling", "--preset", "nano", "--width", "8", "--head-count", "1", "--layer-count", "1", "--batch", "2", "--context", "8",
            "--vocabulary-size", "20", "--steps", "2", "--threads", "2", "--json").Json;

        Assert.Equal(
            [
                "threads 1", "threads 2", "batch 1", "batch 2", "batch 4", "batch 8", "context 4", "context 8", "context 16", "context 32",
                "width 4", "width 8", "width 16", "width 32", "layers 1", "layers 2", "layers 4", "vocabulary 10", "vocabulary 20", "vocabulary 40", "vocabulary 80",
            ],
            lines.Select(line => $"{line["along"]} {line["value"]}"));
        Assert.All(lines, line => Assert.True((double)line["gflops"]! > 0));
    }

    [Fact]
    public void Peaks_of_bfloat16_are_measured_where_there_are_instructions_for_it()
    {
        var names = InklingCommand.Run("bench", "peaks", "--threads", "1", "--json").Json.Select(line => (string)line["name"]!).ToArray();

        Assert.Equal(CpuKernels.Bfloat16Refusal() is null, names.Contains("dot products, bfloat16"));
        Assert.Contains("memory read", names);
    }

    [Theory]
    [InlineData("auto", "automatic", "(bfloat16, the faster one here|float32; (this|bfloat16 would))")]
    [InlineData("bfloat16", "vector128", "bfloat16, no faster than float32 here: ")]
    [InlineData("float32", "automatic", "float32\n")]
    public void A_run_says_its_precision_and_why(string asked, string set, string said)
    {
        var begun = Train("--steps", "1", "--precision", asked, "--instruction-set", set);

        Assert.Equal(0, begun.ExitCode);
        Assert.Matches($"\nprecision +{said}", begun.Output);
        var chosen = JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "run.json")))!["training"]!["precision"]!;
        Assert.Matches($"\nprecision +{chosen}", begun.Output);
    }

    [Fact]
    public void Doctor_measures_the_machine()
    {
        var line = Assert.Single(InklingCommand.Run("doctor", "--threads", "1", "--json").Json);

        Assert.True((double)line["peakGflops"]! > 0);
        Assert.True((double)line["peakGigabytesPerSecond"]! > 0);
        Assert.Equal(1, (int)line["threads"]!);
    }

    private static IEnumerable<string> Keys(JsonObject json) => json.Select(field => field.Key);

    private CommandResult Train(params string[] more) => InklingCommand.Run(["train", _corpus, "--out", Run, .. Tiny, .. more]);
}
