using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Cli.Explaining;
using Inkling.Generation;
using Inkling.Generation.Explaining;

namespace Inkling.Cli;

/// <summary><c>inkling explain</c>: shows the path of a prompt through a model with its real numbers.</summary>
internal static class ExplainCommand
{
    private const int LongestPrompt = 200; // that is worth typing again, in bytes

    public static Command Create(Streams streams)
    {
        var folder = new Argument<string?>("folder") { Description = "Model folder", Arity = ArgumentArity.ZeroOrOne }.NotEmpty();
        var example = new Option<bool>("--example") { Description = "Attention over five words by hand instead of a model" };
        var layer = new Option<string?>("--layer") { HelpName = "n", Description = "Show this layer alone; the first is 0" };
        var head = new Option<string?>("--head") { HelpName = "n", Description = "Show this head alone, and how it works; the first is 0" };
        var last = new Option<string?>("--last") { HelpName = "n", Description = $"Show the last n tokens [default: {ExplanationScope.ReadableTokens}; with --json all]" };
        var ascii = new Option<bool>("--ascii") { Description = "Do without characters beyond ASCII" };
        var json = new Option<bool>("--json") { Description = "One line of JSON with all numbers" };
        var command = new Command("explain", "Shows the path of a text through a model, with its real numbers.") { folder };
        var promptOptions = new PromptOptions(command);
        foreach (var option in new Option[] { example, layer, head, last, ascii, json })
        {
            command.Add(option);
        }

        var settings = new SettingOptions<GenerationOptions>(command, Settings.Generation.Where(Applies));
        var modelOptions = new ModelOptions(command);
        command.SetAction(parse =>
        {
            var path = parse.GetValue(folder);
            if (path is null != parse.GetValue(example))
            {
                throw new UsageException("explain what? give either a model folder or --example");
            }

            if (path is null && command.Options.FirstOrDefault(option => option != example && option != ascii && option != json && parse.GetResult(option) is { Implicit: false }) is { } idle)
            {
                throw new UsageException($"--example has its own words; leave {idle.Name} out");
            }

            var output = streams.PipedOutput;
            var page = new Page(output, PageStyle.Of(streams.Terminal, parse.GetValue(ascii)));
            if (path is null)
            {
                return ShowExample(page, output, parse.GetValue(json));
            }

            var scope = new ExplanationScope(parse.ReadNumber(layer, least: 0), parse.ReadNumber(head, least: 0), parse.ReadNumber(last, least: 1));
            var given = settings.Given(parse).ToDictionary(each => each.Name, each => each.Text);
            var options = settings.Apply(given, new GenerationOptions());
            Settings.Check(options.Validate);

            var prompt = promptOptions.Read(parse, streams.Input);
            using var kernels = modelOptions.CreateKernels(parse);
            using var loaded = modelOptions.Load(parse, path, kernels);
            scope.Check(loaded.Model.Config);
            var tokens = GenerateCommand.Encode(loaded.Tokenizer, prompt);
            var explanation = Explanation.Of(loaded.Model, tokens, options);
            if (parse.GetValue(json))
            {
                output.WriteJsonLine(new ExplanationJson(explanation, loaded.Tokenizer, scope).Create(options));
                return ExitCode.Success;
            }

            var sheet = new Sheet(output, streams.Terminal);
            sheet.Add("model", path);
            sheet.Add("shape", Describe.Shape(loaded.Model.Config));
            sheet.Add("prompt", Describe.Count(tokens.Length, "token")
                + (tokens.Length > explanation.Tokens.Count ? $", of which the model sees the last {explanation.Tokens.Count}" : ""));
            var labels = new TokenLabels(loaded.Tokenizer, explanation.Tokens, page.Style);
            new ExplanationPage(page, explanation, labels, scope).Write();
            NextTokenPage.Write(page, explanation.Next, labels, options);
            output.WriteLine();
            output.WriteLine("to let it write on from there:");
            var text = prompt.Length <= LongestPrompt ? $"--prompt {Invocation.Quote(Encoding.UTF8.GetString(prompt))}" : "--prompt-file FILE";
            output.WriteLine($"  {Invocation.Name} generate {Invocation.Quote(path)} {text}"
                + string.Concat(given.Select(each => $" --{each.Key} {each.Value}")));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Whether a setting of generation says anything about the first new token.</summary>
    public static bool Applies(Setting<GenerationOptions> setting)
        => setting.Field is not (nameof(GenerationOptions.TokenCount) or nameof(GenerationOptions.Window)
            or nameof(GenerationOptions.PresencePenalty) or nameof(GenerationOptions.FrequencyPenalty));

    private static int ShowExample(Page page, TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteJsonLine(new JsonObject
            {
                ["full"] = ExplanationJson.Head(TextbookExample.Attention(causal: false), 0, Enumerable.Range(0, 5)),
                ["causal"] = ExplanationJson.Head(TextbookExample.Attention(causal: true), 0, Enumerable.Range(0, 5)),
            });
        }
        else
        {
            TextbookExample.Write(page);
        }

        return ExitCode.Success;
    }
}
