using System.CommandLine;

namespace Inkling.Cli.Tokenizers;

/// <summary><c>inkling tokenizer</c>: what makes tokens of a text.</summary>
internal static class TokenizerCommand
{
    public static Command Create(Streams streams)
    {
        var command = new Command("tokenizer", "Trains, tries and compares tokenizers.")
        {
            TokenizerTrain.Create(streams),
            TokenizerEncode.Create(streams),
            TokenizerDecode.Create(streams),
            TokenizerShow.Create(streams),
            TokenizerCompare.Create(streams),
        };
        var choices = string.Join(", ", command.Subcommands.Select(each => each.Name));
        command.SetAction(int (_) => throw new UsageException($"tokenizer what? choose {choices}"));
        return command;
    }
}
