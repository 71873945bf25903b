using Inkling.Cli;
using Inkling.Cli.Reporting;
using Inkling.Cli.Screen;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Tests.Training;
using Inkling.Training;

namespace Inkling.Tests.Cli;

public sealed class SkippedStepReportTests : IDisposable
{
    private readonly TinyRuns _runs = new();
    private readonly FaultyKernels _kernels;

    public SkippedStepReportTests() => _kernels = new FaultyKernels(_runs.Kernels);

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void What_happened_which_batch_it_was_and_how_to_go_on_is_said()
    {
        var (run, text, json) = Train(TinyRuns.Settings.Training with { MaximumSkippedSteps = 2 }, nameof(IKernels.Embed), double.NaN);
        var starts = run.Trainer.WindowStarts(3);
        var batch = $"its 19 tokens from each of {starts[0]:N0}; {starts[1]:N0}; {starts[2]:N0}; {starts[3]:N0} and 4 more, see metrics.jsonl, in the training part";

        Assert.Contains("step 3  loss NaN, gradient NaN: not finite, so the weights stay as they are; 1 of at most 2 in a row\n", text, StringComparison.Ordinal);
        Assert.Contains($"\n  {batch}\n", text, StringComparison.Ordinal);
        Assert.Contains("2 of 4 steps left the weights as they were\n", text, StringComparison.Ordinal);
        Assert.Contains("given up at step 4 of 6: 2 steps in a row could not be applied\n", text, StringComparison.Ordinal);
        Assert.Contains("look at the text there; or begin again with a lower --learning-rate than 0.001, with --from ", text, StringComparison.Ordinal);
        Assert.EndsWith($" train --resume --out {Invocation.Quote(run.FolderPath)} --maximum-skipped-steps 20\n", text, StringComparison.Ordinal);
        Assert.Contains("\"skippedSteps\":2,\"ended\":\"tooManySkippedSteps\"", json, StringComparison.Ordinal);

        // And on the page, which reads the metrics.
        var history = RunHistory.Read(run.FolderPath);
        Assert.Equal([3L, 4], history.Training.Where(line => line.IsApplied == false).Select(line => line.Step));
        Assert.Contains(
            "2 steps left the weights as they were, because loss or gradient was not finite or the loss a spike: 3, 4.",
            ReportPage.Create(history),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_spike_is_said_with_the_loss_that_would_still_have_been_applied()
    {
        var training = TinyTraining.Options with { Steps = 50, SpikeThreshold = 20, SpikeWindow = 16, MaximumSkippedSteps = 0 };
        var (_, text, _) = Train(training, nameof(IKernels.CrossEntropy), 50, goodSteps: 20);

        Assert.Matches(@"step 21  loss 5\d\.\d{4}, above \d\.\d{4}: a spike, so the weights stay as they are; 1 in a row\n", text);
    }

    /// <summary>Some good steps and two that are damaged.</summary>
    private (TrainingRun Run, string Text, string Json) Train(TrainingOptions training, string operation, double value, int goodSteps = 2)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var settings = TinyRuns.Settings with { Training = training };
        using var run = TrainingRun.Start(settings, TinyRuns.Corpus, _runs["a"], _kernels);
        var cpu = new CpuOptions { ThreadCount = 1 };
        using (var report = new TrainReport(new Streams(Stream.Null, output, error, Terminal.None), run, TinyRuns.Corpus, isJson: true, sampleTokens: 0, cpu))
        {
            foreach (var happened in run.Continue())
            {
                report.Show(happened, default);
                if (happened is StepDone && run.Trainer.Step == goodSteps + 2)
                {
                    break;
                }

                if (run.Trainer.Step >= goodSteps && !_kernels.IsArmed)
                {
                    _kernels.Damage(operation, value);
                }
            }

            report.Show(new RunEnded(run.Trainer.Step, RunEndReason.TooManySkippedSteps), default);
        }

        return (run, error.ToString(), output.ToString());
    }
}
