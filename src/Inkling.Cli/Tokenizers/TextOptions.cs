using System.CommandLine;
using System.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary>The ways to give a text to a tokenizer. Its bytes are taken as they are, a byte-order mark included.</summary>
internal sealed class TextOptions
{
    private const string StandardInput = "-";

    private readonly Option<string?> _text = new("--text") { HelpName = "text", Description = "The text" };

    private readonly Option<string?> _file = new Option<string?>("--file")
    {
        HelpName = "file",
        Description = $"File with the text, of any bytes; {StandardInput} is standard input",
    }.NotEmpty();

    /// <summary>Adds the options to a command.</summary>
    public TextOptions(Command command)
    {
        command.Add(_text);
        command.Add(_file);
    }

    /// <summary>The text that was given; null where none was.</summary>
    public byte[]? Read(ParseResult parse, Stream standardInput)
    {
        var (text, file) = (parse.GetValue(_text), parse.GetValue(_file));
        return (text, file) switch
        {
            (not null, not null) => throw new UsageException("give one text: --text or --file"),
            (not null, _) => Encoding.UTF8.GetBytes(text),
            (_, StandardInput) => TextFile.Read(standardInput, "standard input"),
            (_, not null) => TextFile.Read(file),
            _ => null,
        };
    }

    /// <summary>The text that was given.</summary>
    public byte[] ReadRequired(ParseResult parse, Stream standardInput)
        => Read(parse, standardInput) ?? throw new UsageException("which text? give --text or --file");
}
