using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Generation;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>Shows a training: what is trained, how it goes, what the model writes, and what to type next.</summary>
internal sealed class TrainReport : IDisposable
{
    // The loss of one batch is mostly noise; this is nearly the mean of the last twenty.
    private const double Smoothing = 0.95;
    private const int LastSampleTokens = 500;

    private readonly TextWriter _results;
    private readonly TextWriter _progress;
    private readonly LiveLine _line;
    private readonly TrainingRun _run;
    private readonly TextCorpus _corpus;
    private readonly bool _isJson;
    private readonly int _sampleTokens;
    private readonly CpuOptions _cpu;
    private readonly double _flopsPerToken;
    private readonly long _firstStep;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _peakGflops;
    private double? _trainLoss;
    private double? _validationLoss;

    public TrainReport(Streams streams, TrainingRun run, TextCorpus corpus, bool isJson, int sampleTokens, CpuOptions cpu)
    {
        (_results, _progress) = (streams.Output, isJson ? streams.Error : streams.Output);
        _line = new LiveLine(_progress, streams.IsTerminal && !isJson);
        (_run, _corpus, _isJson, _sampleTokens, _cpu) = (run, corpus, isJson, sampleTokens, cpu);
        _flopsPerToken = new GptCost(run.Settings.Model).TrainingFlopsPerToken(run.Settings.Model.ContextLength);
        _firstStep = run.Trainer.Step;
    }

    private long Step => _run.Trainer.Step;

    private long LastStep => _run.Settings.Training.LastStep;

    private double StepSeconds => _run.Trainer.Times.Total.TotalSeconds;

    private double TokensPerSecond => (Step - _firstStep) * _run.Trainer.TokensPerStep / StepSeconds;

    private double Utilization => TokensPerSecond * _flopsPerToken / (_peakGflops * 1e9);

    /// <summary>Says what is about to happen, in numbers.</summary>
    public void Begin(IKernels kernels)
    {
        var (model, training, data) = (_run.Settings.Model, _run.Settings.Training, _run.Trainer.Data);
        _peakGflops = MeasurePeak();
        var sheet = new Sheet(_progress);
        sheet.Add("model", $"{_run.Settings.Preset ?? "own"}: {Describe.Shape(model)}");
        if (_run.Settings.From is { } from)
        {
            sheet.Add("from", from.FolderPath);
        }

        sheet.Add("parameters", $"{new GptCost(model).ParameterCount:N0}");
        sheet.Add("memory", $"about {Units.Bytes(new GptCost(model).TrainingBytes(training.EffectiveMicroBatchSize))} of {Units.Bytes(Machine.MemoryBytes)}");
        sheet.Add("corpus", $"{_run.Settings.CorpusPath}, {_corpus.ByteCount:N0} bytes");
        sheet.Add("tokens", $"{data.Training.Length:N0} to learn from, {data.Validation.Length:N0} to validate with");
        sheet.Add("recipe", Describe.Recipe(training));
        sheet.Add("kernels", $"{kernels.Description}, peak {_peakGflops:N0} GFLOP/s");
        sheet.Add("folder", _run.FolderPath);
        foreach (var note in _run.Notes)
        {
            sheet.Add("note", note);
        }

        _progress.WriteLine();
    }

    /// <summary>Shows one event.</summary>
    public void Show(TrainingEvent happened, CancellationToken cancellation)
    {
        switch (happened)
        {
            case StepDone { Result: var result }:
                ShowStep(result);
                break;
            case Evaluated evaluated:
                ShowEvaluation(evaluated);
                if (evaluated.Step < LastStep)
                {
                    ShowSample(_sampleTokens, cancellation);
                }

                break;
            case RunEnded ended:
                ShowEnd(ended, cancellation);
                break;
        }
    }

    /// <summary>Leaves the terminal with nothing half-drawn, whatever has happened.</summary>
    public void Dispose() => _line.Clear();

    private void ShowStep(StepResult result)
    {
        if (!result.IsApplied)
        {
            _line.WriteLine(
                $"step {result.Step:N0}  loss {result.Loss}, gradient {result.GradientNorm}: not finite, so the weights stay as they are");
            return;
        }

        _trainLoss = _trainLoss is { } before ? (Smoothing * before) + ((1 - Smoothing) * result.Loss) : result.Loss;
        _line.Update(() =>
        {
            var best = _run.BestValidationLoss is { } loss ? $"  best {loss:0.000}" : "";
            var left = (LastStep - Step) * StepSeconds / (Step - _firstStep);
            return $"step {Step:N0}/{LastStep:N0}  loss {_trainLoss:0.000}{best}  {Units.Count(TokensPerSecond)} tokens/s  "
                + $"{Utilization:P0} of peak  {Units.Duration(left)} left";
        });
    }

    private void ShowEvaluation(Evaluated evaluated)
    {
        _validationLoss = evaluated.ValidationLoss;
        var best = evaluated.IsBest ? "best so far" : $"best {evaluated.BestValidationLoss:0.0000}";
        var time = Units.Duration(_clock.Elapsed.TotalSeconds);
        _line.WriteLine($"step {evaluated.Step:N0}  validation loss {evaluated.ValidationLoss:0.0000} ({best})  {time}");
        if (evaluated.IsOverfitting)
        {
            _line.WriteLine("  overfitting: validation rises while training falls");
        }

        if (evaluated.TrainingEstimate is { } training)
        {
            _line.WriteLine($"  on random batches: training {training:0.0000}, validation {evaluated.ValidationEstimate:0.0000}");
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

    /// <summary>Plain text, a little indented, and nothing in it that a terminal would obey.</summary>
    private void ShowSample(int tokenCount, CancellationToken cancellation)
    {
        if (tokenCount == 0)
        {
            return;
        }

        var start = new int[1];
        _run.Trainer.Data.Training.CopyTo(0, start);
        using var generator = new Generator(_run.Model);
        var options = new GenerationOptions { TokenCount = tokenCount, Seed = _run.Settings.Training.Seed };
        try
        {
            var tokens = generator.Generate(start, options).TakeWhile(_ => !cancellation.IsCancellationRequested);
            var text = string.Concat(start.Concat(tokens).ToText(_run.Tokenizer));
            foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
            {
                _line.WriteLine($"  {string.Concat(line.Where(c => !char.IsControl(c)))}");
            }

            _line.WriteLine();
        }
        catch (InvalidLogitsException e)
        {
            _line.WriteLine($"  no sample: {e.Message}");
        }
    }

    private void ShowEnd(RunEnded ended, CancellationToken cancellation)
    {
        _line.Clear();
        if (ended.Reason != RunEndReason.Interrupted)
        {
            ShowSample(_sampleTokens == 0 ? 0 : LastSampleTokens, cancellation);
        }

        _peakGflops = Math.Max(_peakGflops, MeasurePeak());
        var took = Step == _firstStep
            ? "no step was left to take"
            : $"{Units.Duration(_clock.Elapsed.TotalSeconds)}, {Units.Count(TokensPerSecond)} tokens/s, {Utilization:P0} of peak";
        if (ended.Reason == RunEndReason.OutOfPatience)
        {
            _progress.WriteLine($"out of patience at step {ended.Step:N0} of {LastStep:N0}: no better loss since step {_run.BestStep:N0}");
        }

        if (ended.Reason == RunEndReason.Interrupted)
        {
            _progress.WriteLine($"interrupted at step {ended.Step:N0} of {LastStep:N0}, all saved; to go on:");
            _progress.WriteLine($"  {Invocation.Name} train --resume --out {Invocation.Quote(_run.FolderPath)}");
        }
        else
        {
            _progress.WriteLine($"done: best validation loss {_run.BestValidationLoss:0.0000}, {took}");
            _progress.WriteLine("to let it write:");
            _progress.WriteLine($"  {Invocation.Name} generate {Invocation.Quote(_run.FolderPath)} --prompt {Invocation.Quote(Beginning())}");
        }

        if (_isJson)
        {
            _results.WriteJsonLine(new JsonObject
            {
                ["steps"] = ended.Step,
                ["trainLoss"] = JsonLine.Number(_trainLoss),
                ["validationLoss"] = JsonLine.Number(_validationLoss),
                ["bestValidationLoss"] = JsonLine.Number(_run.BestValidationLoss),
                ["seconds"] = _clock.Elapsed.TotalSeconds,
                ["tokensPerSecond"] = JsonLine.Number(TokensPerSecond),
                ["utilization"] = JsonLine.Number(Utilization),
                ["model"] = _run.FolderPath,
                ["ended"] = JsonNamingPolicy.CamelCase.ConvertName(ended.Reason.ToString()),
            });
        }
    }

    private double MeasurePeak() => CpuPeaks.FusedMultiplyAdd(_cpu.InstructionSet, _cpu.ThreadCount);

    /// <summary>How the corpus begins: a prompt whose every character the model knows.</summary>
    private string Beginning()
    {
        const int Length = 20;
        var start = Encoding.UTF8.GetString(_corpus.Bytes.Span[..Math.Min(_corpus.ByteCount, 400)]);
        var line = start.Split('\n').Select(each => each.Trim()).FirstOrDefault(IsPlain, "");
        return line.Length <= Length ? line : line[..(line.LastIndexOf(' ', Length) is > 0 and var end ? end : Length)];

        static bool IsPlain(string text) => text.Length > 0 && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\uFFFD');
    }
}
