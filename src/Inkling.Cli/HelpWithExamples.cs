using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Inkling.Cli;

/// <summary>The usual help, and below it what people type.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    /// <summary>Examples under the full name of the command; a test parses each of them.</summary>
    public static IReadOnlyDictionary<string, string[]> Examples { get; } = new Dictionary<string, string[]>
    {
        ["inkling"] =
        [
            "inkling train book.txt --preset nano",
            "inkling generate runs/book --prompt \"Once upon a time\"",
            "inkling doctor",
        ],
        ["inkling train"] =
        [
            "inkling train book.txt --preset nano",
            "inkling train book.txt --preset baby --batch 16 --dropout 0.1 --out runs/novel",
            "inkling train --resume --out runs/novel",
            "inkling train letters.txt --from runs/novel --learning-rate 0.0001 --patience 5",
            "inkling train book.txt --config small.json --steps 500 --json",
        ],
        ["inkling generate"] =
        [
            "inkling generate runs/book --prompt \"Once upon a time\" --tokens 500",
            "inkling generate runs/book --prompt-file start.txt --temperature 0.8 --top-k 40 --seed 7",
            "inkling generate runs/book --prompt \"ALICE:\" --stop \"BOB:\" --stop \"CAROL:\" --count 3",
            "inkling generate runs/book --min-p 0.05 --repetition-penalty 1.1 --logprobs 5 --json",
            "echo -n \"Once upon a time\" | inkling generate runs/book -",
        ],
        ["inkling evaluate"] =
        [
            "inkling evaluate runs/book",
            "inkling evaluate runs/book other.txt --part all --json",
        ],
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
        ],
    };

    /// <summary>Whoever asks for help need not have the rest right.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var exitCode = new HelpAction().Invoke(parseResult);
        if (Examples.TryGetValue(CommandLine.NameOf(parseResult.CommandResult.Command), out var examples))
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }
        }

        return exitCode;
    }
}
