using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inkling.Cli.Reporting;
using Inkling.Cli.Screen;
using Inkling.Data;
using Inkling.Generation;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>Shows a training: what is trained, how it goes, what the model writes, and what to type next; and keeps its page.</summary>
internal sealed class TrainReport : IDisposable
{
    // The loss of one batch is mostly noise; this is nearly the mean of the last twenty.
    private const double Smoothing = 0.95;
    private const int LastSampleTokens = 500;

    // A report card needs more text than anybody wants to read.
    private const int GradedTokens = 1_000;
    private const int LastGradedTokens = 4_000;

    // Enough to look at; the metrics have all.
    private const int NamedWindows = 4;

    private readonly TextWriter _results;
    private readonly TextWriter _progress;
    private readonly Terminal _terminal;
    private readonly LiveLines _live;
    private readonly RunReporter _reporter;
    private readonly TrainingRun _run;
    private readonly TextCorpus _corpus;
    private readonly bool _isJson;
    private readonly int _sampleTokens;
    private readonly CpuOptions _cpu;
    private readonly LossCurve _curve;
    private readonly double _flopsPerToken;
    private readonly long _firstStep;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _peakGflops;
    private double? _trainLoss;
    private double? _validationLoss;
    private double? _bestLossHalfContext;
    private StepResult _last;
    private long _evaluatedStep = -1;
    private (long Step, double Seconds) _noted;

    public TrainReport(Streams streams, TrainingRun run, TextCorpus corpus, bool isJson, int sampleTokens, CpuOptions cpu)
    {
        (_results, _progress) = (streams.Output, isJson ? streams.Error : streams.Output);
        _terminal = isJson ? Terminal.None : streams.Terminal;
        _live = new LiveLines(_progress, _terminal);
        _reporter = new RunReporter(run.FolderPath, warning => _live.Write(warning));
        (_run, _corpus, _isJson, _sampleTokens, _cpu) = (run, corpus, isJson, sampleTokens, cpu);
        _flopsPerToken = new GptCost(run.Settings.Model).TrainingFlopsPerToken(run.Settings.Model.ContextLength);
        _firstStep = run.Trainer.Step;
        _curve = new LossCurve(LastStep);
        _noted = (_firstStep, 0);
    }

    /// <summary>What is known of the built-in scenes; null for any other text.</summary>
    public SceneMeasure? Scenes { get; init; }

    /// <summary>The precision that was asked for.</summary>
    public Precision AskedPrecision { get; init; }

    private long Step => _run.Trainer.Step;

    private Precision Precision => _run.Settings.Training.Precision;

    private long LastStep => _run.Settings.Training.LastStep;

    private double StepSeconds => _run.Trainer.Times.Total.TotalSeconds;

    private double TokensPerSecond => (Step - _firstStep) * _run.Trainer.TokensPerStep / StepSeconds;

    private double Utilization => TokensPerSecond * _flopsPerToken / (_peakGflops * 1e9);

    /// <summary>Says what is about to happen, in numbers.</summary>
    public void Begin(IKernels kernels)
    {
        var (model, training, data) = (_run.Settings.Model, _run.Settings.Training, _run.Trainer.Data);
        _peakGflops = MeasurePeak();
        var refusal = CpuKernels.Bfloat16Refusal(_cpu);
        _reporter.Begin(Step, Session(kernels, refusal));
        var sheet = new Sheet(_progress, _terminal);
        sheet.Add("model", $"{_run.Settings.Preset ?? "own"}: {Describe.Shape(model)}");
        if (_run.Settings.From is { } from)
        {
            sheet.Add("from", from.FolderPath);
        }

        if (_run.Tokenizer is not CharacterTokenizer)
        {
            sheet.Add("tokenizer", _run.Tokenizer.Kind);
        }

        sheet.Add("parameters", $"{new GptCost(model).ParameterCount:N0}");
        var memory = new MemoryNeed(model, training, _cpu, _corpus);
        var price = memory.PriceOfRecompute is { } saved ? $"; {saved}" : "";
        sheet.Add("memory", $"{memory.Total} of {Units.Bytes(Machine.MemoryBytes)}{price}");
        sheet.Add("corpus", $"{_run.Settings.CorpusDescription}, {_corpus.ByteCount:N0} bytes");
        if (Scenes is not null)
        {
            sheet.Add("floor", $"{Scenes.Floor:0.000} nats per {(data.TrainingByteCount > data.Training.Length ? "token" : "character")}: what these scenes leave to chance, which no model can know");
        }

        var bytesPerToken = (double)data.TrainingByteCount / data.Training.Length;
        var length = bytesPerToken > 1 ? $", {bytesPerToken:0.00} bytes each" : "";
        sheet.Add("tokens", $"{data.Training.Length:N0} to learn from, {data.Validation.Length:N0} to validate with{length}");
        sheet.Add("recipe", Describe.Recipe(training));
        sheet.Add("kernels", $"{kernels.Description}, peak {_peakGflops:N0} GFLOP/s");
        sheet.Add("precision", Describe.Precision(AskedPrecision, Precision, refusal));
        sheet.Add("folder", _run.FolderPath);
        if (_reporter.Refresh())
        {
            sheet.Add("report", $"{_reporter.PagePath} (for a browser; reload it on the way)");
        }

        foreach (var note in _run.Notes)
        {
            sheet.Add("note", note);
        }

        _progress.WriteLine();
        DrawEarlierSteps();
        _bestLossHalfContext = _firstStep > 0 ? RunHistory.Read(_run.FolderPath).Best?.ValidationLossHalfContext : null;
        _clock.Restart();
        if (_terminal.CanRedraw)
        {
            ShowProgress("first step", atOnce: true);
        }
    }

    /// <summary>Shows one event.</summary>
    public void Show(TrainingEvent happened, CancellationToken cancellation)
    {
        switch (happened)
        {
            case StepDone { Result: var result }:
                ShowStep(result);
                break;
            case CheckpointSaved saved when saved.Step > _evaluatedStep && IsEvaluated(saved.Step):
                ShowProgress("evaluating", atOnce: true);
                break;
            case SaveFailed failed:
                var next = _run.HasEnded || cancellation.IsCancellationRequested ? "" : " Training goes on; the next save tries again.";
                _live.Write(_terminal.Paint(Style.Notable, $"not saved: {failed.Problem}{next}"));
                break;
            case Evaluated evaluated:
                ShowEvaluation(evaluated);
                if (!_run.HasEnded)
                {
                    ShowSample(_sampleTokens, GradedTokens, cancellation);
                }

                _reporter.Refresh();
                break;
            case RunEnded ended:
                ShowEnd(ended, cancellation);
                break;
        }
    }

    /// <summary>Leaves the terminal with nothing half-drawn, whatever has happened.</summary>
    public void Dispose()
    {
        _live.Clear();
        _reporter.Dispose();
    }

    private void ShowStep(StepResult result)
    {
        _last = result;
        if (result.IsApplied)
        {
            _trainLoss = _trainLoss is { } before ? (Smoothing * before) + ((1 - Smoothing) * result.Loss) : result.Loss;
            _curve.Add(result.Step, _trainLoss.Value);
        }
        else
        {
            ShowSkipped(result);
        }

        if (result.Step % _run.Settings.Training.ReportEvery == 0 || result.Step == LastStep)
        {
            var tokens = (result.Step - _noted.Step) * _run.Trainer.TokensPerStep;
            _reporter.AddSpeed(result.Step, _clock.Elapsed.TotalSeconds, tokens / (StepSeconds - _noted.Seconds));
            _noted = (result.Step, StepSeconds);
        }

        ShowProgress();
    }

    private void ShowSkipped(StepResult result)
    {
        var guard = _run.Trainer.Guard;
        var why = result.Outcome == StepOutcome.Spike
            ? $"loss {result.Loss:0.0000}, above {guard.LargestLoss:0.0000}: a spike"
            : $"loss {result.Loss:0.0000}, gradient {result.GradientNorm:0.0000}: not finite";
        var most = _run.Settings.Training.MaximumSkippedSteps is > 0 and var maximum ? $" of at most {maximum:N0}" : "";
        _live.Write($"step {result.Step:N0}  {why}, so the weights stay as they are; {guard.SkippedInARow:N0}{most} in a row");
        _live.Write($"  {Batch(result.Step)}");
    }

    /// <summary>Which part of the text a step saw.</summary>
    private string Batch(long step)
    {
        var starts = _run.Trainer.WindowStarts(step);
        var rest = starts.Length > NamedWindows ? $" and {starts.Length - NamedWindows:N0} more, see metrics.jsonl" : "";
        return $"its {Describe.Count(_run.Settings.Model.ContextLength, "token")} from each of {string.Join("; ", starts.Take(NamedWindows).Select(start => $"{start:N0}"))}{rest}, in the training part";
    }

    private void ShowProgress(string? activity = null, bool atOnce = false)
    {
        _live.Update(columns => ProgressPanel.Draw(Now(), columns, _terminal.HasUnicode), () => ProgressPanel.Plain(Now()), atOnce);

        Progress Now() => new()
        {
            Step = Step,
            LastStep = LastStep,
            TrainingLoss = _trainLoss,
            ValidationLoss = _validationLoss,
            BestValidationLoss = _run.BestValidationLoss,
            TokensPerSecond = Step > _firstStep ? TokensPerSecond : 0,
            Utilization = Step > _firstStep ? Utilization : 0,
            Seconds = _clock.Elapsed.TotalSeconds,
            SecondsLeft = (LastStep - Step) * _clock.Elapsed.TotalSeconds / (Step - _firstStep),
            GradientNorm = Step > _firstStep ? _last.GradientNorm : null,
            LearningRate = Step > _firstStep ? _last.LearningRate : null,
            Activity = activity,
            Course = _curve.Columns,
        };
    }

    private void ShowEvaluation(Evaluated evaluated)
    {
        (_validationLoss, _evaluatedStep) = (evaluated.ValidationLoss, evaluated.Step);
        if (evaluated.IsBest)
        {
            _bestLossHalfContext = evaluated.ValidationLossHalfContext;
        }

        _live.Write(EvaluationLine.Create(evaluated, LastStep, _clock.Elapsed.TotalSeconds, _terminal.HasUnicode));
        if (evaluated.TrainingEstimate is { } training)
        {
            _live.Write($"  on random batches: training {training:0.0000}, validation {evaluated.ValidationEstimate:0.0000}");
        }

        if (_isJson)
        {
            _results.WriteJsonLine(new JsonObject
            {
                ["step"] = evaluated.Step,
                ["trainLoss"] = JsonLine.Number(_trainLoss),
                ["validationLoss"] = JsonLine.Number(evaluated.ValidationLoss),
                ["bestValidationLoss"] = JsonLine.Number(evaluated.BestValidationLoss),
            });
        }
    }

    private void ShowSample(int tokenCount, int gradedCount, CancellationToken cancellation)
    {
        if (tokenCount == 0)
        {
            return;
        }

        var start = SampleStart();
        using var generator = new Generator(_run.Model);
        var options = new GenerationOptions
        {
            TokenCount = Scenes is null ? tokenCount : Math.Max(tokenCount, gradedCount),
            Seed = _run.Settings.Training.Seed,
        };
        try
        {
            var tokens = generator.Generate(start, options).TakeWhile(_ => !cancellation.IsCancellationRequested);
            int[] written = [.. start, .. tokens];
            var grades = Scenes is null ? null : SceneMeasure.Grade(string.Concat(written.ToText(_run.Tokenizer)));
            var text = string.Concat(written.Take(start.Length + tokenCount).ToText(_run.Tokenizer)).TrimStart('\n');
            _live.Write(SampleLines.Create(text, grades, _terminal));
            if (!cancellation.IsCancellationRequested)
            {
                _reporter.AddSample(Step, text, grades);
            }
        }
        catch (InvalidLogitsException e)
        {
            _live.Write($"  no sample: {e.Message}");
        }
    }

    /// <summary>A scene begins behind an empty line, most texts behind a line break, and any text as it begins.</summary>
    private int[] SampleStart()
    {
        try
        {
            // A tokenizer that normalises may leave nothing of a line break.
            if (_run.Tokenizer.Encode(Scenes is null ? "\n" : "\n\n") is { Length: > 0 } tokens)
            {
                return tokens;
            }
        }
        catch (FormatException)
        {
            // The text has no line break, and so its characters do not.
        }

        var start = new int[1];
        _run.Trainer.Data.Training.CopyTo(0, start);
        return start;
    }

    private void ShowEnd(RunEnded ended, CancellationToken cancellation)
    {
        var seconds = _clock.Elapsed.TotalSeconds;
        _live.Clear();
        if (ended.Reason is not (RunEndReason.Interrupted or RunEndReason.TooManySkippedSteps))
        {
            ShowSample(_sampleTokens == 0 ? 0 : LastSampleTokens, LastGradedTokens, cancellation);
        }

        _peakGflops = Math.Max(_peakGflops, MeasurePeak());
        _reporter.End(Step, seconds, _peakGflops, ended.Reason);
        var hasPage = _reporter.Refresh();
        var took = Step == _firstStep
            ? "no step was left to take"
            : $"{Units.Duration(seconds)}, {Units.Count(TokensPerSecond)} tokens/s, {Utilization:P0} of peak";
        if (ended.Reason == RunEndReason.OutOfPatience)
        {
            _progress.WriteLine($"out of patience at step {ended.Step:N0} of {LastStep:N0}: no better loss since step {_run.BestStep:N0}");
        }

        if (_run.Trainer.Guard.SkippedSteps is > 0 and var skipped)
        {
            _progress.WriteLine($"{skipped:N0} of {Describe.Count(Step, "step")} left the weights as they were");
        }

        if (ended.Reason == RunEndReason.TooManySkippedSteps)
        {
            ShowGivingUp(ended);
        }
        else if (ended.Reason == RunEndReason.Interrupted)
        {
            _progress.WriteLine($"interrupted at step {ended.Step:N0} of {LastStep:N0}, all saved; to go on:");
            _progress.WriteLine($"  {ResumeCommand}");
        }
        else
        {
            _progress.WriteLine($"done: best validation loss {_terminal.Paint(Style.Good, $"{_run.BestValidationLoss:0.0000}")}, {took}");
            if (Scenes is not null && _bestLossHalfContext is { } late)
            {
                _progress.WriteLine($"      {Scenes.Compare(late)}");
            }

            if (hasPage)
            {
                _progress.WriteLine($"to see how it went, open {_reporter.PagePath} in a browser");
            }

            _progress.WriteLine("to let it write:");
            _progress.WriteLine($"  {Invocation.Name} generate {Invocation.Quote(_run.FolderPath)} --prompt {Invocation.Quote(Describe.Beginning(_corpus))}");
        }

        if (_isJson)
        {
            var line = new JsonObject
            {
                ["steps"] = ended.Step,
                ["trainLoss"] = JsonLine.Number(_trainLoss),
                ["validationLoss"] = JsonLine.Number(_validationLoss),
                ["bestValidationLoss"] = JsonLine.Number(_run.BestValidationLoss),
                ["seconds"] = seconds,
                ["tokensPerSecond"] = JsonLine.Number(TokensPerSecond),
                ["utilization"] = JsonLine.Number(Utilization),
                ["model"] = _run.FolderPath,
                ["skippedSteps"] = _run.Trainer.Guard.SkippedSteps,
                ["ended"] = JsonNamingPolicy.CamelCase.ConvertName(ended.Reason.ToString()),
            };
            if (Scenes is not null)
            {
                (line["bestValidationLossHalfContext"], line["floor"]) = (JsonLine.Number(_bestLossHalfContext), Scenes.Floor);
            }

            _results.WriteJsonLine(line);
        }
    }

    /// <summary>Every step is what it was when it is taken again, so going on needs something that is different.</summary>
    private void ShowGivingUp(RunEnded ended)
    {
        var training = _run.Settings.Training;
        _progress.WriteLine(_terminal.Paint(
            Style.Notable, $"given up at step {ended.Step:N0} of {LastStep:N0}: {Describe.Count(_run.Trainer.Guard.SkippedInARow, "step")} in a row could not be applied"));
        _progress.WriteLine($"  the last one learned from {Batch(ended.Step)}");
        _progress.WriteLine(
            $"look at the text there; or begin again with a lower --learning-rate than {training.LearningRate}"
            + (_run.BestValidationLoss is null ? "" : $", with --from {Invocation.Quote(_run.FolderPath)} at the best model so far"));
        _progress.WriteLine("to go on from the last good checkpoint, past more such steps:");
        _progress.WriteLine($"  {ResumeCommand} --maximum-skipped-steps {10 * training.MaximumSkippedSteps}");
    }

    private string ResumeCommand => $"{Invocation.Name} train --resume --out {Invocation.Quote(_run.FolderPath)}";

    private bool IsEvaluated(long step) => step % _run.Settings.Training.EvaluateEvery == 0 || step == LastStep;

    /// <summary>The curve of a resumed run begins where the run began.</summary>
    private void DrawEarlierSteps()
    {
        if (_firstStep > 0 && _terminal.CanRedraw)
        {
            var losses = RunHistory.Read(_run.FolderPath).Training
                .Where(line => line.Step <= _firstStep && line.IsApplied != false && double.IsFinite(line.Loss!.Value))
                .Select(line => new CurvePoint(line.Step, line.Loss!.Value));
            foreach (var point in Curve.Smooth([.. losses], span: 5))
            {
                _curve.Add((long)point.X, point.Y);
            }
        }
    }

    private RunSession Session(IKernels kernels, string? bfloat16Refusal)
    {
        var data = _run.Trainer.Data;
        return new RunSession
        {
            StartedAt = DateTime.UtcNow,
            LastStep = LastStep,
            Processor = Machine.Processor,
            Runtime = $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}",
            Kernels = kernels.Description,
            PeakGflops = _peakGflops,
            PeakOf = Describe.PeakOf(Precision, bfloat16Refusal),
            Precision = Kebab.From(Precision.ToString()),
            Corpus = _corpus.Name,
            CorpusBytes = _corpus.ByteCount,
            TrainingTokens = data.Training.Length,
            ValidationTokens = data.Validation.Length,
            ValidationBytes = data.ValidationByteCount,
            Prompt = Describe.Beginning(_corpus),
            Reference = Scenes?.Reference,
        };
    }

    private double MeasurePeak() => CpuPeaks.Products(Precision, _cpu);
}
