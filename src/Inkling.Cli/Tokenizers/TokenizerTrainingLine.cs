using System.Diagnostics;
using Inkling.Cli.Screen;
using Inkling.Text.Learning;

namespace Inkling.Cli.Tokenizers;

/// <summary>Shows in one line how far the training of a tokenizer is: first how much of the text is read, then how many tokens there are, or pieces to choose from.</summary>
/// <param name="output">Where to.</param>
/// <param name="terminal">What it can do.</param>
/// <param name="byteCount">Length of the text; null where nobody knows.</param>
/// <param name="size">How many tokens are wanted.</param>
internal sealed class TokenizerTrainingLine(TextWriter output, Terminal terminal, long? byteCount, int size) : IProgress<TokenizerTrainingProgress>
{
    private const int BarWidth = 24;

    // What is over sooner leaves no line in a log.
    private const double FirstPlainSeconds = 2;

    private readonly LiveLines _line = new(output, terminal);
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Seconds since the beginning.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <inheritdoc/>
    public void Report(TokenizerTrainingProgress value)
    {
        if (!terminal.CanRedraw && Seconds < FirstPlainSeconds)
        {
            return;
        }

        var share = value.Phase == TokenizerTrainingPhase.Reading ? ShareOf(value.BytesRead) : value.Fraction;
        var text = value.Phase switch
        {
            TokenizerTrainingPhase.Reading => $"reading {Units.Bytes(value.BytesRead)}{(byteCount is { } whole ? $" of {Units.Bytes(whole)}" : "")}{LeftAt(share)}",
            TokenizerTrainingPhase.Merging => $"learning {value.TokenCount:N0} of {size:N0} tokens",
            TokenizerTrainingPhase.Searching => $"looking for pieces, {value.TokenCount:N0} so far",
            _ => $"choosing {size:N0} tokens, {value.TokenCount:N0} left",
        };
        _line.Update(_ => [Bar(share) + $"  {text}"], () => text);
    }

    /// <summary>Takes the line away.</summary>
    public void End() => _line.Clear();

    private double ShareOf(long bytesRead) => byteCount is > 0 and var all ? Math.Min(1, (double)bytesRead / all) : 0;

    private string LeftAt(double share) => share > 0 ? $", {Units.Duration(Seconds / share * (1 - share))} left" : "";

    private StyledText Bar(double share)
    {
        var done = (int)(Math.Clamp(share, 0, 1) * BarWidth);
        var (full, empty) = terminal.HasUnicode ? ('█', '░') : ('#', '-');
        return new StyledText([(Style.Good, new string(full, done)), (Style.Quiet, new string(empty, BarWidth - done))]);
    }
}
