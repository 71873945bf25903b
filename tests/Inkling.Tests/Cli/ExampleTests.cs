using System.Text.RegularExpressions;
using Inkling.Cli;
using Inkling.Cli.Screen;

namespace Inkling.Tests.Cli;

/// <summary>What help and README tell people to type can be typed.</summary>
public sealed partial class ExampleTests
{
    private static readonly Streams Nowhere = new(Stream.Null, TextWriter.Null, TextWriter.Null, Terminal.None);

    [Fact]
    public void Every_command_has_examples_that_parse()
    {
        string[][] commands =
        [
            [], ["train"], ["generate"], ["evaluate"], ["verify"], ["report"], ["explain"],
            ["tokenizer"], ["tokenizer", "train"], ["tokenizer", "encode"], ["tokenizer", "decode"], ["tokenizer", "show"], ["tokenizer", "compare"],
            ["info"], ["doctor"], ["bench"], ["bench", "peaks"], ["bench", "products"], ["bench", "train"], ["bench", "scaling"], ["bench", "tokenizer"],
        ];
        Assert.Equal(commands.Select(words => string.Join(' ', words.Prepend("inkling"))), HelpWithExamples.Examples.Keys);
        Assert.All(commands, words =>
        {
            var help = InklingCommand.Run([.. words, "--help"]);
            Assert.Equal((0, ""), (help.ExitCode, help.Error));
            Assert.All(help.Output.Split('\n'), line => Assert.True(line.Length < 80, line));
            Parses(help.Output, "inkling ", HelpWithExamples.Examples[string.Join(' ', words.Prepend("inkling"))].Length);
        });
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/training.md")]
    [InlineData("docs/tokenizers.md")]
    public void The_commands_of_the_documents_parse(string document)
        => Parses(File.ReadAllText(Path.Combine(RepositoryFolder.Root, document)), "./inkling ", atLeast: 1);

    private static void Parses(string text, string command, int atLeast)
    {
        string[] examples = [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith(command, StringComparison.Ordinal) || line.Contains($"| {command}", StringComparison.Ordinal))];

        Assert.True(examples.Length >= atLeast, $"{examples.Length} examples instead of {atLeast}");
        Assert.All(examples, example =>
        {
            var words = Word().Matches(example[(example.LastIndexOf(command, StringComparison.Ordinal) + command.Length)..]).Select(word => word.Value.Trim('"'));
            Assert.Empty(CommandLine.Parse([.. words], Nowhere).Errors);
        });
    }

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Word();
}
