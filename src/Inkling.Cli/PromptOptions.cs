using System.CommandLine;
using System.Text;

namespace Inkling.Cli;

/// <summary>The ways to give a text that a model is to continue.</summary>
internal sealed class PromptOptions
{
    private const string StandardInput = "-";

    private readonly Argument<string?> _input =
        new("input") { Description = "- reads the prompt from standard input", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> _text = new("--prompt") { HelpName = "text", Description = "Text to continue [default: a line break]" };

    private readonly Option<string?> _file =
        new Option<string?>("--prompt-file") { HelpName = "file", Description = "File with the text to continue" }.NotEmpty();

    /// <summary>Adds the options to a command.</summary>
    public PromptOptions(Command command)
    {
        command.Add(_input);
        command.Add(_text);
        command.Add(_file);
    }

    /// <summary>The prompt as it was given, line breaks at its end included, but for a byte-order mark: that is an editor's and not the writer's.</summary>
    public byte[] Read(ParseResult parse, Stream standardInput)
    {
        var (text, file, input) = (parse.GetValue(_text), parse.GetValue(_file), parse.GetValue(_input));
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
            (not null, _) => WithoutMark(TextFile.Read(file, "a prompt is a text file")),
            (_, not null) => WithoutMark(TextFile.Read(standardInput, "standard input")),
            _ => Encoding.UTF8.GetBytes(text ?? "\n"),
        };
        return prompt.Length > 0 ? prompt : throw new UsageException("the prompt is empty; give at least one character");
    }

    private static byte[] WithoutMark(byte[] text) => text.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
}
