using Inkling.Cli.Screen;
using Inkling.Training;

namespace Inkling.Tests.Cli.Screen;

public sealed class ProgressPanelTests
{
    private static readonly Progress Half = new()
    {
        Step = 500,
        LastStep = 1_000,
        TrainingLoss = 1.8234,
        ValidationLoss = 1.9012,
        BestValidationLoss = 1.8977,
        TokensPerSecond = 61_234,
        Utilization = 0.643,
        Seconds = 62,
        SecondsLeft = 61,
        GradientNorm = 0.42,
        LearningRate = 0.0029,
        Course = width => [.. Enumerable.Range(0, width / 2).Select(i => 4.0 - ((double)i / width))],
    };

    [Fact]
    public void Eighty_columns_have_a_bar_a_curve_below_it_and_the_figures()
        => Assert.Equal(
            [
                "━━━━━━━━━━━───────────  step   500/1,000  61.2 k tokens/s  64 % of peak  1m 01s left",
                "██▇▆▆▅▄▃▃▂▁             loss 1.823  validation 1.901  best 1.898",
            ],
            ProgressPanel.Draw(Half, 84, isUnicode: true).Select(Text));

    [Fact]
    public void ASCII_will_do()
        => Assert.Equal("####***===--,,,...__", ProgressPanel.Draw(Half with { Step = 1_000, Course = Fall }, 82, isUnicode: false)[1].ToString()[..20]);

    [Fact]
    public void A_wide_window_has_a_longer_bar_and_more_figures()
    {
        var lines = ProgressPanel.Draw(Half, 199, isUnicode: true);

        Assert.Equal(199, lines[0].Length);
        Assert.Contains("1m 02s so far", Text(lines[0]), StringComparison.Ordinal);
        Assert.EndsWith("gradient 0.42  rate 2.9e-3", Text(lines[1]), StringComparison.Ordinal);
        Assert.True(Text(lines[0]).LastIndexOf('─') > 100);
    }

    [Fact]
    public void A_narrow_window_has_what_matters()
        => Assert.Equal(["step   500/1,000  1m 01s left", "loss 1.823  best 1.898"], ProgressPanel.Draw(Half, 30, isUnicode: true).Select(Text));

    [Fact]
    public void No_line_is_wider_than_any_window()
        => Assert.All(Enumerable.Range(1, 300), columns =>
            Assert.All(ProgressPanel.Draw(Half, columns, isUnicode: true), line => Assert.InRange(line.Length, 0, columns)));

    [Fact]
    public void The_first_moment_has_no_figures_that_nobody_knows()
        => Assert.Equal(["step     0/1,000  first step", ""], ProgressPanel.Draw(
            new Progress { Step = 0, LastStep = 1_000, Activity = "first step" }, 30, isUnicode: true).Select(Text));

    [Fact]
    public void A_log_has_one_line_without_drawings()
        => Assert.Equal(
            "step 500/1,000  61.2 k tokens/s  64 % of peak  1m 01s left  loss 1.823  validation 1.901  best 1.898", ProgressPanel.Plain(Half));

    [Fact]
    public void An_evaluation_says_whether_it_is_the_best()
    {
        var best = new Evaluated(250)
        {
            ValidationLoss = 1.9012,
            ValidationLossHalfContext = 1.9,
            BestValidationLoss = 1.9012,
            IsBest = true,
            TrainingLoss = 1.823,
        };
        var worse = best with { Step = 1_000, ValidationLoss = 2, IsBest = false, TrainingLoss = null };

        Assert.Equal("step   250  validation loss 1.9012 (★ best so far)  training 1.823  12s", Text(EvaluationLine.Create(best, 1_000, 12, isUnicode: true)));
        Assert.Equal("step   250  validation loss 1.9012 (best so far)  training 1.823  12s", Text(EvaluationLine.Create(best, 1_000, 12, isUnicode: false)));
        Assert.Equal("step 1,000  validation loss 2.0000 (best 1.9012)  12s", Text(EvaluationLine.Create(worse, 1_000, 12, isUnicode: true)));
    }

    [Fact]
    public void An_evaluation_says_that_the_model_learns_its_text_by_heart()
    {
        var evaluated = new Evaluated(250)
        {
            ValidationLoss = 2,
            ValidationLossHalfContext = 2,
            BestValidationLoss = 1.9,
            IsBest = false,
            TrainingLoss = 1,
            IsOverfitting = true,
        };

        Assert.EndsWith("  12s  ▲ overfitting", Text(EvaluationLine.Create(evaluated, 1_000, 12, isUnicode: true)), StringComparison.Ordinal);
        Assert.EndsWith("  12s  overfitting", Text(EvaluationLine.Create(evaluated, 1_000, 12, isUnicode: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_is_indented_wrapped_and_harmless()
    {
        var terminal = new Terminal { CanRedraw = true, Width = () => 23 };
        var grades = new Dictionary<string, string> { ["real words"] = "97 %" };

        Assert.Equal(
            ["  to be, or not to be,", "  that is", "", "  [31mred", "  report card: real", "  words 97 %", ""],
            SampleLines.Create("to be, or not to be, that is\n\n\e[31mred", grades, terminal).Select(Text));
    }

    private static double[] Fall(int width) => [.. Enumerable.Range(0, width).Select(i => (double)-i)];

    private static string Text(StyledText line) => line.ToString().TrimEnd();
}
