using Inkling.Cli;

namespace Inkling.Tests.Cli;

public sealed class LiveLineTests
{
    [Fact]
    public void On_a_terminal_a_line_is_written_over_and_cleared()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var line = new LiveLine(output, isTerminal: true);

        line.Update(() => "step 1");
        line.WriteLine("done");

        Assert.Equal("\rstep 1\r        \rdone\n", output.ToString());
    }

    [Fact]
    public void Elsewhere_the_first_is_a_plain_line_and_the_next_waits()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var line = new LiveLine(output, isTerminal: false);

        line.Update(() => "step 1");
        line.Update(() => "step 2");
        line.WriteLine("done");

        Assert.Equal("step 1\ndone\n", output.ToString());
    }
}
