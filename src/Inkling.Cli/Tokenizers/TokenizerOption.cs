using System.CommandLine;
using Inkling.Formats;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary>The tokenizer that a command is about.</summary>
internal sealed class TokenizerOption
{
    private readonly Option<string> _path = new Option<string>("--tokenizer")
    {
        HelpName = "path",
        Description = "Folder, tokenizer.json, .model, .tiktoken, vocab.json beside merges.txt, or vocab.txt",
        Required = true,
    }.NotEmpty();

    /// <summary>Adds the option to a command.</summary>
    public TokenizerOption(Command command) => command.Add(_path);

    /// <summary>Opens the tokenizer that was named.</summary>
    public Tokenizer Read(ParseResult parse) => TokenizerFiles.Load(parse.GetRequiredValue(_path));
}
