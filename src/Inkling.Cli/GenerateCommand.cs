using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Generation;
using Inkling.Text;

namespace Inkling.Cli;

/// <summary><c>inkling generate</c>: lets a model write.</summary>
internal static class GenerateCommand
{
    private const string StandardInput = "-";

    public static Command Create(Streams streams)
    {
        var folder = new Argument<string>("folder") { Description = "Model folder" }.NotEmpty();
        var input = new Argument<string?>("input") { Description = "- reads the prompt from standard input", Arity = ArgumentArity.ZeroOrOne };
        var prompt = new Option<string?>("--prompt") { HelpName = "text", Description = "Text to continue [default: a line break]" };
        var file = new Option<string?>("--prompt-file") { HelpName = "file", Description = "File with the text to continue" }.NotEmpty();
        var json = new Option<bool>("--json") { Description = "One line of JSON, its text without the prompt" };
        var command = new Command("generate", "Continues a text.") { folder, input, prompt, file, json };
        var settings = new SettingOptions<GenerationOptions>(command, Settings.Generation);
        var kernelOptions = new KernelOptions(command);
        command.SetAction(parse =>
        {
            var given = settings.Given(parse).ToDictionary(each => each.Name, each => each.Text);
            var options = settings.Apply(given, new GenerationOptions());
            Settings.Check(options.Validate);
            var text = ReadPrompt(parse.GetValue(prompt), parse.GetValue(file), parse.GetValue(input), streams.Input);

            using var kernels = kernelOptions.Create(parse);
            using var loaded = ModelFolder.Load(parse.GetRequiredValue(folder), kernels);
            var tokens = Encode(loaded.Tokenizer, text);
            using var generator = new Generator(loaded.Model);
            var clock = Stopwatch.StartNew();
            var pieces = generator.Generate(tokens, options).ToText(loaded.Tokenizer);
            if (parse.GetValue(json))
            {
                var written = string.Concat(pieces);
                streams.Output.WriteJsonLine(new JsonObject
                {
                    ["text"] = written,
                    ["tokenCount"] = options.TokenCount,
                    ["tokensPerSecond"] = options.TokenCount / clock.Elapsed.TotalSeconds,
                });
                return ExitCode.Success;
            }

            streams.Output.Write(Encoding.UTF8.GetString(text));
            foreach (var piece in pieces)
            {
                streams.Output.Write(piece);
            }

            streams.Output.WriteLine();
            return ExitCode.Success;
        });
        return command;
    }

    private static byte[] ReadPrompt(string? text, string? file, string? input, Stream standardInput)
    {
        if (input is not null and not StandardInput)
        {
            throw new UsageException(
                $"'{input}' is one argument too many; a prompt comes after --prompt or --prompt-file, or from standard input with {StandardInput}");
        }

        if (new[] { text, file, input }.Count(source => source is not null) > 1)
        {
            throw new UsageException($"give one prompt: --prompt, --prompt-file or {StandardInput}");
        }

        var prompt = (file, input) switch
        {
            (not null, _) => File.ReadAllBytes(file),
            (_, not null) => ReadAll(standardInput),
            _ => Encoding.UTF8.GetBytes(text ?? "\n"),
        };
        return prompt.Length > 0 ? prompt : throw new UsageException("the prompt is empty; give at least one character");
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static int[] Encode(Tokenizer tokenizer, byte[] prompt)
    {
        try
        {
            return tokenizer.Encode(prompt);
        }
        catch (FormatException e)
        {
            throw new FailureException($"the prompt does not suit the model. {e.Message}");
        }
    }
}
