using System.CommandLine;
using System.CommandLine.Invocation;

namespace Inkling.Cli;

/// <summary>Help in 80 columns: what people type first, then every option, those of the recipe and of the model by themselves.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const int Width = 79;
    private const int LongestName = 28;

    // Tells options of a recipe from others of the same name, such as the number of steps that a benchmark times.
    private const string SettingHelpName = "x";

    /// <summary>Examples under the full name of the command; a test parses each of them.</summary>
    public static IReadOnlyDictionary<string, string[]> Examples { get; } = new Dictionary<string, string[]>
    {
        ["inkling"] =
        [
            "inkling train",
            "inkling train book.txt --preset nano",
            "inkling generate runs/book --prompt \"Once upon a time\"",
            "inkling doctor",
        ],
        ["inkling train"] =
        [
            "inkling train",
            "inkling train book.txt --preset nano",
            "inkling train book.txt --preset baby --dropout 0.1 --out runs/novel",
            "inkling train --resume --out runs/novel",
            "inkling train letters.txt --from runs/novel --patience 5",
            "inkling train book.txt --tokenizer bpe:8192",
            "inkling train book.txt --config small.json --steps 500 --json",
        ],
        ["inkling generate"] =
        [
            "inkling generate runs/book --prompt \"Once upon a time\" --tokens 500",
            "inkling generate runs/book --prompt-file start.txt --temperature 0.8 --seed 7",
            "inkling generate runs/book --prompt \"ALICE:\" --stop \"BOB:\" --count 3",
            "inkling generate runs/book --min-p 0.05 --logprobs 5 --json",
            "echo -n \"Once upon a time\" | inkling generate runs/book -",
        ],
        ["inkling evaluate"] =
        [
            "inkling evaluate runs/book",
            "inkling evaluate runs/book other.txt --part all --json",
        ],
        ["inkling verify"] =
        [
            "inkling verify runs/book",
            "inkling verify runs/book/checkpoints/step-000500",
            "inkling verify runs/book --json",
        ],
        ["inkling report"] = ["inkling report runs/book"],
        ["inkling explain"] =
        [
            "inkling explain --example",
            "inkling explain runs/book --prompt \"Once upon\"",
            "inkling explain runs/book --prompt \"Once upon\" --layer 0 --head 1 --top-k 5",
        ],
        ["inkling tokenizer"] =
        [
            "inkling tokenizer train book.txt --size 4096 --out tokenizers/book",
            "inkling tokenizer show --tokenizer tokenizers/book --text \"Once upon a time\"",
        ],
        ["inkling tokenizer train"] =
        [
            "inkling tokenizer train book.txt --out tokenizers/book",
            "inkling tokenizer train book.txt --size 32768 --pattern llama3 --out big",
            "inkling tokenizer train book.txt --type unigram --out tokenizers/book",
        ],
        ["inkling tokenizer encode"] =
        [
            "inkling tokenizer encode --tokenizer gpt2.tiktoken --text \"Hello, world\"",
            "inkling tokenizer encode --tokenizer tokenizers/book --file page.txt --json",
            "inkling tokenizer encode --tokenizer spiece.model --file lines.txt --lines",
        ],
        ["inkling tokenizer decode"] =
        [
            "inkling tokenizer decode --tokenizer gpt2.tiktoken --ids 15496 11 995",
            "inkling tokenizer decode --tokenizer tokenizers/book --ids - --out page.txt",
        ],
        ["inkling tokenizer show"] =
        [
            "inkling tokenizer show --tokenizer tokenizers/book --text \"Once upon\" --steps",
            "inkling tokenizer show --tokenizer runs/book",
        ],
        ["inkling tokenizer compare"] = ["inkling tokenizer compare gpt2.tiktoken tokenizers/book page.txt"],
        ["inkling info"] =
        [
            "inkling info runs/book",
            "inkling info --preset gpt2",
        ],
        ["inkling doctor"] = ["inkling doctor", "inkling doctor --json"],
        ["inkling bench"] = ["inkling bench peaks", "inkling bench train --preset nano"],
        ["inkling bench peaks"] = ["inkling bench peaks", "inkling bench peaks --threads 1"],
        ["inkling bench products"] = ["inkling bench products --preset baby --batch 16"],
        ["inkling bench train"] =
        [
            "inkling bench train --preset baby --batch 16 --json",
            "inkling bench train --preset gpt2 --batch 4 --context 64",
            "inkling bench train --preset nano --precision float32 --operations",
        ],
        ["inkling bench scaling"] = ["inkling bench scaling --preset nano", "inkling bench scaling --preset baby --batch 4 --json"],
        ["inkling bench tokenizer"] = ["inkling bench tokenizer --tokenizer gpt2.tiktoken --file page.txt --runs"],
    };

    /// <summary>Whoever asks for help need not have the rest right.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var arguments = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [<{argument.Name}>]" : $" <{argument.Name}>");
        WriteWrapped(output, "", command.Description ?? "");
        output.WriteLine();
        output.WriteLine($"Usage: {CommandLine.NameOf(command)}{string.Concat(arguments)}{(command.Subcommands.Count > 0 ? " <command>" : "")} [options]");
        if (Examples.TryGetValue(CommandLine.NameOf(command), out var examples))
        {
            output.WriteLine();
            output.WriteLine("Examples:");
            Array.ForEach(examples, example => output.WriteLine($"  {example}"));
        }

        Write(output, "Commands", command.Subcommands.Select(each => (each.Name, each.Description ?? "")));
        Write(output, "Arguments", command.Arguments.Select(each => ($"<{each.Name}>", each.Description ?? "")));
        var hasRecipe = command.Options.Any(option => option.Name == "--preset");
        foreach (var group in OptionsOf(command).GroupBy(option => hasRecipe ? Group(option) : 0).OrderBy(group => group.Key))
        {
            Write(output, Title(group.Key), group.Select(option => (Names(option), Text(option))));
        }

        return ExitCode.Success;
    }

    /// <summary>What a newcomer sees who types the name alone.</summary>
    public static void WriteOverview(Command root, Streams streams)
    {
        var (output, name) = (streams.Output, Invocation.Name);
        output.WriteLine(root.Description);
        Write(output, "To begin",
        [
            ($"{name} train", "Learns to write small scenes, in a minute or two"),
            ($"{name} train book.txt", "Learns from a text of yours, with progress"),
            ($"{name} generate runs/book", "Lets the model write"),
            ($"{name} doctor", "Says what this computer can do"),
        ]);
        output.WriteLine();
        output.WriteLine($"All commands: {string.Join(", ", root.Subcommands.Select(each => each.Name))}");
        output.WriteLine($"Options and examples of each: {name} train --help");
    }

    private static IEnumerable<Option> OptionsOf(Command command)
        => command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive))
            .Where(option => !option.Hidden);

    /// <summary>0: of the command itself, 1: of a recipe, 2: of a model.</summary>
    private static int Group(Option option)
    {
        var name = option.Name.TrimStart('-');
        return Settings.Training.Any(setting => setting.Name == name) && option.HelpName == SettingHelpName ? 1
            : name == "dropout" || Settings.Model.Any(setting => setting.Name == name) ? 2
            : 0;
    }

    private static string Title(int group) => group switch
    {
        1 => "Recipe (where not given, the preset's)",
        2 => "Model (where not given, the preset's)",
        _ => "Options",
    };

    private static string Names(Option option)
    {
        var aliases = option.Aliases.Where(alias => alias.StartsWith("--", StringComparison.Ordinal)).Prepend(option.Name).OrderBy(name => name.Length);
        var value = option.HelpName is not { } name ? "" : option.Arity.MinimumNumberOfValues == 0 ? $" [<{name}>]" : $" <{name}>";
        return string.Join(", ", aliases) + value;
    }

    private static string Text(Option option)
        => (option.Description ?? "") + (option.HasDefaultValue && option.GetDefaultValue() is { } value and not false ? $" [default: {value}]" : "");

    /// <summary>Names to the left, what they mean to the right, wrapped there; a long name has a line of its own.</summary>
    private static void Write(TextWriter output, string title, IEnumerable<(string Name, string Meaning)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        var column = Math.Min(LongestName, all.Max(row => row.Name.Length)) + 4;
        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (var (name, meaning) in all)
        {
            if (name.Length + 4 > column)
            {
                output.WriteLine($"  {name}");
                WriteWrapped(output, new string(' ', column), meaning);
            }
            else
            {
                WriteWrapped(output, $"  {name}".PadRight(column), meaning);
            }
        }
    }

    /// <summary>Words behind a beginning; further lines are indented as far.</summary>
    private static void WriteWrapped(TextWriter output, string beginning, string text)
    {
        var line = beginning;
        foreach (var word in text.Split(' '))
        {
            if (line.Length + word.Length > Width && line.Length > beginning.Length)
            {
                output.WriteLine(line.TrimEnd());
                line = new string(' ', beginning.Length);
            }

            line += $"{word} ";
        }

        output.WriteLine(line.TrimEnd());
    }
}
