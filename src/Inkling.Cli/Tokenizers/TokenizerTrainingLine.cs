using System.Diagnostics;
using Inkling.Cli.Screen;
using Inkling.Text.Learning;

namespace Inkling.Cli.Tokenizers;

/// <summary>Shows in one line how far the training of a tokenizer is: first how much of the text is read, then how many tokens there are.</summary>
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

        var (isReading, share) = value.TokenCount == 0
            ? (true, byteCount is > 0 and var all ? Math.Min(1, (double)value.BytesRead / all) : 0)
            : (false, Math.Min(1, (double)value.TokenCount / size));
        var left = isReading && share > 0 ? $", {Units.Duration(Seconds / share * (1 - share))} left" : "";
        var text = isReading
            ? $"reading {Units.Bytes(value.BytesRead)}{(byteCount is { } whole ? $" of {Units.Bytes(whole)}" : "")}{left}"
            : $"learning {value.TokenCount:N0} of {size:N0} tokens";
        _line.Update(_ => [Bar(share) + $"  {text}"], () => text);
    }

    /// <summary>Takes the line away.</summary>
    public void End() => _line.Clear();

    private StyledText Bar(double share)
    {
        var done = (int)(Math.Clamp(share, 0, 1) * BarWidth);
        var (full, empty) = terminal.HasUnicode ? ('█', '░') : ('#', '-');
        return new StyledText([(Style.Good, new string(full, done)), (Style.Quiet, new string(empty, BarWidth - done))]);
    }
}
