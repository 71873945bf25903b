using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Tests.Formats;

namespace Inkling.Tests.Cli.Explaining;

public sealed class ExplainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExplainCommandTests()
    {
        using var kernels = TinyGpt.Kernels("cpu");
        using var model = TinyGpt.Create(kernels, TinyGpt.Config with { ContextLength = 6, InitialDeviation = 0.5 });
        ModelFolder.Save(_folder.Path, model, TinyGpt.Tokenizer);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_prompt_is_followed_through_the_model()
    {
        var result = Explain("Hello", "--top-k", "2");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith($"model         {_folder.Path}\nshape         2 layers, 2 heads, width 4, context 6, vocabulary 4\nprompt        5 tokens\n\n1 Tokens\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("  position  0  1  2  3  4\n  token     H  e  l  l  o\n  id        0  1  2  2  3\n", result.Output, StringComparison.Ordinal);
        foreach (var heading in new[] { "2 Embedding", "3 Layers", "Layer 0: attention", "Layer 1: the residual stream", "4 Logit lens", "5 The next token" })
            Assert.Contains($"\n{heading}", result.Output, StringComparison.Ordinal);
        Assert.Contains("kept: what --top-k 2 leaves", result.Output.ReplaceLineEndings(" ").Replace("   ", " "), StringComparison.Ordinal);
        Assert.EndsWith($"\n\nto let it write on from there:\n  inkling generate {_folder.Path} --prompt Hello --top-k 2\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_draws_is_what_generate_writes_first()
    {
        foreach (var seed in new[] { "1", "2", "3" })
        {
            var drawn = (string)Explain("Hello", "--json", "--seed", seed).Json[0]["next"]!["text"]!;

            Assert.Equal($"Hello{drawn}\n", InklingCommand.Run("generate", _folder.Path, "--prompt", "Hello", "--tokens", "1", "--seed", seed).Output);
        }
    }

    [Fact]
    public void One_document_has_all_the_numbers()
    {
        var document = Assert.Single(Explain("Hello", "--json").Json);

        Assert.Equal(["tokens", "embedding", "layers", "logitLens", "next"], document.Select(member => member.Key));
        Assert.Equal("Hello", string.Concat(document["tokens"]!.AsArray().Select(token => (string)token!["text"]!)));
        Assert.All(new[] { "tokens", "positions", "output" }, name => Assert.Equal((5, 4), Size(document["embedding"]![name])));
        Assert.Equal(2, document["layers"]!.AsArray().Count);
        foreach (var layer in document["layers"]!.AsArray())
        {
            Assert.Equal((5, 4), Size(layer!["output"]));
            Assert.Equal(2, layer["heads"]!.AsArray().Count);
            foreach (var head in layer["heads"]!.AsArray())
            {
                // A row for each query, as long as what it sees.
                Assert.Equal([1, 2, 3, 4, 5], head!["weights"]!.AsArray().Select(row => row!.AsArray().Count));
                Assert.All(head["weights"]!.AsArray(), row => Assert.Equal(1, row!.AsArray().Sum(weight => (double)weight!), 1e-9));
                Assert.Equal([1, 2, 3, 4, 5], head["scores"]!.AsArray().Select(row => row!.AsArray().Count));
                Assert.Equal((5, 2), Size(head["output"]));
            }
        }

        Assert.Equal([null, 0, 1], document["logitLens"]!.AsArray().Select(stage => (int?)stage!["layer"]));
        foreach (var name in new[] { "raw", "tempered", "kept" })
            Assert.Equal(1, document["next"]![name]!.AsArray().Sum(probability => (double)probability!), 1e-9);
    }

    [Fact]
    public void A_document_can_be_restricted()
    {
        var document = Explain("Hello", "--json", "--layer", "1", "--head", "0", "--last", "2").Json[0];

        Assert.Equal([3, 4], document["tokens"]!.AsArray().Select(token => (int)token!["position"]!));
        Assert.Equal(1, (int)Assert.Single(document["layers"]!.AsArray())!["layer"]!);
        Assert.Equal(0, (int)Assert.Single(document["layers"]![0]!["heads"]!.AsArray())!["head"]!);
        Assert.Equal([4, 5], document["layers"]![0]!["heads"]![0]!["weights"]!.AsArray().Select(row => row!.AsArray().Count));
    }

    [Fact]
    public void Of_a_prompt_longer_than_the_context_the_model_sees_the_end()
    {
        var result = Explain("HelloHello");

        Assert.Contains("prompt        10 tokens, of which the model sees the last 6\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("  token     o  H  e  l  l  o\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_needs_no_model()
    {
        var result = InklingCommand.Run("explain", "--example");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("  0 ink   0.1000  0.2000  0.3000  0.1400  0.17675   0.1000   0.2000   0.3000\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("  output                                  1.00000  0.31198  0.41198  0.51198\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("  1 runs .48▒ .52▓\n", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 79));

        var document = Assert.Single(InklingCommand.Run("explain", "--example", "--json").Json);
        Assert.Equal((5, 5), Size(document["full"]!["weights"]));
        Assert.Equal(1, (double)document["causal"]!["weights"]![0]![0]!);
    }

    [Fact]
    public void A_character_that_the_model_does_not_know_is_named()
    {
        var result = Explain("Hex");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("inkling: the prompt does not suit the model. ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--layer is 2; the model has layers 0 to 1", "--layer", "2")]
    [InlineData("--layer is '-1'; it must be a whole number, 0 or more", "--layer", "-1")]
    [InlineData("--head is 2; the model has heads 0 to 1", "--head", "2")]
    [InlineData("--last is '0'; it must be a whole number, 1 or more", "--last", "0")]
    [InlineData("--temperature is -1; it must be 0 or a positive number.", "--temperature", "-1")]
    public void What_the_model_does_not_have_is_refused(string message, params string[] options)
    {
        var result = Explain("Hello", options);

        Assert.Equal((2, "", $"inkling: {message}\n"), (result.ExitCode, result.Output, result.Error));
    }

    private CommandResult Explain(string prompt, params string[] options) => InklingCommand.Run(["explain", _folder.Path, "--prompt", prompt, .. options]);

    private static (int Rows, int Columns) Size(JsonNode? matrix)
        => (matrix!.AsArray().Count, Assert.Single(matrix.AsArray().Select(row => row!.AsArray().Count).Distinct()));
}
