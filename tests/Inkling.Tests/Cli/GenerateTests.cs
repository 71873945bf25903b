using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Inkling.Tests.Cli;

public sealed class GenerateTests(GenerateFixture fixture) : IClassFixture<GenerateFixture>
{
    private const int VocabularySize = 13;

    private static readonly string[] FourTokens = ["--prompt", "ink", "--tokens", "4"];

    [Fact]
    public void Several_texts_are_those_of_their_sequences()
    {
        string[] alone = [.. Enumerable.Range(2, 3).Select(sequence => Text("--prompt", "ink –", "--tokens", "40", "--sequence", $"{sequence}"))];
        Assert.Equal(3, alone.Distinct().Count());

        var json = Generate("--prompt", "ink –", "--tokens", "40", "--sequence", "2", "--count", "3", "--json").Json;
        Assert.Equal(alone, json.Select(line => (string)line["text"]!));

        var plain = Generate("--prompt", "ink –", "--tokens", "40", "--sequence", "2", "--count", "3").Output;
        Assert.Equal(
            $"── sequence 2 ──────────────────────────\nink –{alone[0]}\n\n── sequence 3 ──────────────────────────\nink –{alone[1]}\n\n── sequence 4 ──────────────────────────\nink –{alone[2]}\n",
            plain);
    }

    [Fact]
    public void A_stop_string_ends_the_text_and_is_not_in_it()
    {
        string[] options = ["--prompt", "ink", "--tokens", "80", "--temperature", "1.5"];
        var whole = Text(options);
        var stop = whole[30..33];
        var start = whole.IndexOf(stop, StringComparison.Ordinal);

        var line = Generate([.. options, "--json", "--stop", "§", "--stop", stop]).Json[0];

        Assert.Equal((whole[..start], "stop"), ((string)line["text"]!, (string)line["stopReason"]!));
        Assert.Equal(whole[..(start + stop.Length)].EnumerateRunes().Count(), (int)line["tokenCount"]!);
        Assert.Equal($"ink{whole[..start]}\n", Generate([.. options, "--stop", stop]).Output);
    }

    [Fact]
    public void Without_the_stop_string_nothing_is_missing()
    {
        string[] options = ["--prompt", "ink", "--tokens", "50"];
        var whole = Text(options);

        // The first could begin with the last letters, the second stands in the prompt alone.
        var line = Generate([.. options, "--json", "--stop", $"{whole[^2..]}§", "--stop", "k" + whole[..3]]).Json[0];

        Assert.Equal((whole, 50, "length"), ((string)line["text"]!, (int)line["tokenCount"]!, (string)line["stopReason"]!));
    }

    [Fact]
    public void Options_that_are_off_change_nothing()
    {
        string[] options = ["--prompt", "ink", "--tokens", "60", "--temperature", "1"];

        Assert.Equal(
            Text(options),
            Text([.. options, "--min-p", "0", "--repetition-penalty", "1", "--presence-penalty", "0", "--frequency-penalty", "0", "--logprobs", "2"]));
    }

    [Theory]
    [InlineData("--frequency-penalty")]
    [InlineData("--presence-penalty")]
    public void With_an_enormous_penalty_every_token_comes_once_before_any_comes_twice(string penalty)
    {
        var text = Text("--prompt", "ink", "--tokens", $"{VocabularySize}", penalty, "1000");

        Assert.Equal(VocabularySize, text.EnumerateRunes().Distinct().Count());
    }

    [Fact]
    public void Log_probabilities_come_with_each_token()
    {
        var plain = Generate([.. FourTokens, "--json"]).Json[0];
        Assert.False(plain.ContainsKey("logprobs"));

        var line = Generate([.. FourTokens, "--json", "--logprobs", $"{VocabularySize}"]).Json[0];

        Assert.Equal(["text", "tokenCount", "tokensPerSecond", "stopReason", "logprobs"], line.Select(field => field.Key));
        JsonObject[] tokens = [.. line["logprobs"]!.AsArray().Select(token => token!.AsObject())];
        Assert.Equal((string)line["text"]!, string.Concat(tokens.Select(token => (string)token["token"]!)));
        Assert.Equal(4, tokens.Length);
        Assert.All(tokens, token =>
        {
            Assert.Equal(["token", "id", "logprob", "top"], token.Select(field => field.Key));
            JsonObject[] top = [.. token["top"]!.AsArray().Select(other => other!.AsObject())];
            Assert.Equal(1, top.Sum(other => Math.Exp((double)other["logprob"]!)), 1e-9);
            Assert.Equal(top.Select(other => (double)other["logprob"]!).OrderDescending(), top.Select(other => (double)other["logprob"]!));
            var chosen = Assert.Single(top, other => (int)other["id"]! == (int)token["id"]!);
            Assert.Equal(((string)token["token"]!, (double)token["logprob"]!), ((string)chosen["token"]!, (double)chosen["logprob"]!));
            Assert.Equal(["token", "id", "logprob"], chosen.Select(field => field.Key));
        });
        Assert.All(Generate([.. FourTokens, "--json", "--logprobs", "0"]).Json[0]["logprobs"]!.AsArray(), token => Assert.Empty(token!["top"]!.AsArray()));
    }

    [Fact]
    public void For_people_log_probabilities_are_a_table_below_the_text()
    {
        var text = Text(FourTokens);

        var lines = Generate([.. FourTokens, "--logprobs", "6"]).Output.Split('\n');

        var table = Array.IndexOf(lines, "token           logprob    prob  most probable, with their logprobs");
        Assert.Equal($"ink{text}\n", string.Join('\n', lines[..table]));
        Assert.Equal(4, lines[(table + 1)..].Count(line => line.StartsWith('"')));
        Assert.All(lines[(table + 1)..^1], line => Assert.Matches(@"^(""(\\n|\P{Cc}{1,2})"" +-\d+\.\d{4} +\d+\.\d%| {31})(  ""(\\n|\P{Cc}{1,2})"" -\d+\.\d\d)+$", line));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 79));
        Assert.Equal("", lines[^1]);
        Assert.Contains("\ntoken           logprob    prob\n\"", Generate([.. FourTokens, "--logprobs", "0"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_keeps_its_line_breaks_and_loses_a_byte_order_mark()
    {
        File.WriteAllText(fixture["prompt.txt"], "ink\n\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        var expected = Generate("--prompt", "ink\n\n", "--tokens", "5");
        Assert.StartsWith("ink\n\n", expected.Output, StringComparison.Ordinal);

        Assert.Equal(expected, Generate("--prompt-file", fixture["prompt.txt"], "--tokens", "5"));
        Assert.Equal(expected, InklingCommand.RunWithInput("\uFEFFink\n\n", "generate", fixture.Model, "-", "--tokens", "5"));
        Assert.Equal(expected, InklingCommand.RunWithInput("ink\n\n", "generate", fixture.Model, "-", "--tokens", "5"));
    }

    [Fact]
    public void Of_a_very_long_prompt_the_end_is_continued()
    {
        var prompt = string.Concat(Enumerable.Repeat("and ink ", 100_000));

        var result = InklingCommand.RunWithInput(prompt, "generate", fixture.Model, "-", "--tokens", "5");

        Assert.Equal($"{prompt}{Text("--prompt", prompt[^16..], "--tokens", "5")}\n", result.Output);
    }

    [Fact]
    public void Prompts_that_cannot_be_read_are_named()
    {
        var invalid = fixture["invalid.txt"];
        File.WriteAllBytes(invalid, [.. "in"u8, 0xFF]);
        File.WriteAllBytes(fixture["mark.txt"], [0xEF, 0xBB, 0xBF]);

        Fails(1, $"{fixture["no.txt"]} does not exist", "--prompt-file", fixture["no.txt"]);
        Fails(1, $"{fixture.FolderPath} is a folder; a prompt is a text file", "--prompt-file", fixture.FolderPath);
        Fails(1, "the prompt does not suit the model. Byte 0xFF at offset 2 is not valid UTF-8.", "--prompt-file", invalid);
        Fails(2, "the prompt is empty; give at least one character", "--prompt-file", fixture["mark.txt"]);
        Fails(2, "the prompt is empty; give at least one character", "--prompt", "");

        void Fails(int exitCode, string message, params string[] options)
        {
            var result = Generate(options);
            Assert.Equal((exitCode, "", $"inkling: {message}\n"), (result.ExitCode, result.Output, result.Error));
        }
    }

    [UnixFact]
    public void It_ends_quietly_when_nobody_reads_any_more()
    {
        using var process = Start("--tokens", "2000000000");
        Assert.Equal('i', process.StandardOutput.Read());
        process.StandardOutput.Close();

        Assert.True(process.WaitForExit(60_000), "it still writes");
        Assert.Equal((141, ""), (process.ExitCode, process.StandardError.ReadToEnd()));
    }

    [UnixFact]
    public void An_interruption_ends_it_at_once()
    {
        using var process = Start("--tokens", "2000000000");
        Assert.Equal('i', process.StandardOutput.Read());
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            kill.WaitForExit();

        var result = process.Finish();

        Assert.Equal((130, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public void What_is_written_is_valid_UTF8_at_every_moment()
    {
        using var process = Start("--tokens", "300", "--temperature", "2");
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        using var reader = new StreamReader(process.StandardOutput.BaseStream, strict);

        var text = reader.ReadToEnd();

        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal("ink".Length + 300 + "\n".Length, text.EnumerateRunes().Count());
        Assert.Contains("😀", text, StringComparison.Ordinal);
        Assert.Contains("墨", text, StringComparison.Ordinal);
    }

    private CommandResult Generate(params string[] options) => InklingCommand.Run(["generate", fixture.Model, "--threads", "1", .. options]);

    private string Text(params string[] options) => (string)Generate([.. options, "--json"]).Json[0]["text"]!;

    private Process Start(params string[] options)
        => InklingCommand.Start(fixture.FolderPath, ["generate", "run", "--prompt", "ink", "--threads", "1", .. options]);
}
