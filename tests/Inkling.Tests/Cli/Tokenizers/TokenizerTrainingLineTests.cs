using Inkling.Cli.Screen;
using Inkling.Cli.Tokenizers;
using Inkling.Text.Learning;

namespace Inkling.Tests.Cli.Tokenizers;

public sealed class TokenizerTrainingLineTests
{
    [Theory]
    [InlineData(TokenizerTrainingPhase.Reading, 500, 0, 0, "############------------  reading 500 B of ")]
    [InlineData(TokenizerTrainingPhase.Merging, 1_000, 2_048, 0.25, "######------------------  learning 2,048 of 8,192 tokens")]
    [InlineData(TokenizerTrainingPhase.Searching, 1_000, 54_321, 0.5, "############------------  looking for pieces, 54,321 so far")]
    [InlineData(TokenizerTrainingPhase.Choosing, 1_000, 12_345, 0.75, "##################------  choosing 8,192 tokens, 12,345 left")]
    public void Each_phase_shows_how_far_it_is(TokenizerTrainingPhase phase, long bytesRead, int tokenCount, double fraction, string expected)
    {
        var output = new StringWriter();
        var line = new TokenizerTrainingLine(output, new Terminal { CanRedraw = true }, byteCount: 1_000, size: 8_192);
        line.Report(new TokenizerTrainingProgress(phase, bytesRead, tokenCount, fraction));

        Assert.Contains(expected, output.ToString(), StringComparison.Ordinal);
    }
}
