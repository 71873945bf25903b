using System.CommandLine;
using System.Text;
using Inkling.Generation;
using Inkling.Text;

namespace Inkling.Cli;

/// <summary><c>inkling generate</c>: lets a model write.</summary>
internal static class GenerateCommand
{
    private const int RuleWidth = 40;

    public static Command Create(Streams streams)
    {
        var folder = new Argument<string>("folder") { Description = "Model folder" }.NotEmpty();
        var stop = new Option<string[]>("--stop") { HelpName = "text", Description = "Ends before this text; may be given again for others" }.NotEmpty();
        var count = new Option<string?>("--count") { HelpName = "n", Description = "Texts to write, each the next --sequence [default: 1]" };
        var logProbabilities = new Option<string?>("--logprobs")
        {
            HelpName = "n",
            Description = "Also each token's natural-log probability, and the n most probable in its place",
        };
        var json = new Option<bool>("--json") { Description = "One line of JSON for each text, without the prompt" };
        var command = new Command("generate", "Continues a text.") { folder };
        var promptOptions = new PromptOptions(command);
        command.Add(stop);
        command.Add(count);
        command.Add(logProbabilities);
        command.Add(json);
        var settings = new SettingOptions<GenerationOptions>(command, Settings.Generation);
        var modelOptions = new ModelOptions(command);
        command.SetAction(parse =>
        {
            var given = settings.Given(parse).ToDictionary(each => each.Name, each => each.Text);
            var options = settings.Apply(given, new GenerationOptions());
            Settings.Check(options.Validate);
            var textCount = parse.ReadNumber(count, least: 1) ?? 1;
            var topCount = parse.ReadNumber(logProbabilities, least: 0);
            if (options.Sequence > int.MaxValue - (textCount - 1))
            {
                throw new UsageException($"--sequence {options.Sequence} and --count {textCount} lead past {int.MaxValue}; begin lower");
            }

            var prompt = promptOptions.Read(parse, streams.Input);
            using var kernels = modelOptions.CreateKernels(parse);
            using var loaded = modelOptions.Load(parse, parse.GetRequiredValue(folder), kernels);
            var tokens = Encode(loaded.Tokenizer, prompt);
            using var generator = new Generator(loaded.Model);
            var output = streams.PipedOutput;
            for (var number = 0; number < textCount; number++)
            {
                var sequence = options.Sequence + number;
                var text = new GeneratedText(generator, loaded.Tokenizer, parse.GetValue(stop) ?? [], topCount);
                var pieces = text.Write(tokens, options with { Sequence = sequence });
                if (parse.GetValue(json))
                {
                    var line = text.ToJson(string.Concat(pieces));
                    if (textCount > 1)
                    {
                        line["sequence"] = sequence;
                    }

                    output.WriteJsonLine(line);
                    continue;
                }

                if (textCount > 1)
                {
                    output.WriteLine($"{(number > 0 ? "\n" : "")}{$"── sequence {sequence} ".PadRight(RuleWidth, '─')}");
                }

                output.Write(Encoding.UTF8.GetString(prompt));
                foreach (var piece in pieces)
                {
                    output.Write(piece);
                }

                output.WriteLine();
                text.WriteTable(output);
            }

            return ExitCode.Success;
        });
        return command;
    }

    public static int[] Encode(Tokenizer tokenizer, byte[] prompt)
    {
        try
        {
            return tokenizer.Encode(prompt) is { Length: > 0 } tokens
                ? tokens
                : throw new FailureException("the model's tokenizer leaves nothing of the prompt; give one with letters");
        }
        catch (FormatException e)
        {
            throw new FailureException($"the prompt does not suit the model. {e.Message}");
        }
    }
}
