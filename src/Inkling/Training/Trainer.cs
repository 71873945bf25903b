using System.Diagnostics;
using Inkling.Data;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Training;

/// <summary>Takes training steps and measures losses. It knows nothing of files.</summary>
public sealed class Trainer : IDisposable
{
    private readonly Gpt _model;
    private readonly IKernels _kernels;
    private readonly Arena _arena;
    private readonly Tape _tape;
    private readonly WindowSampler _windows;
    private readonly BatchBuffers _buffers;
    private readonly DeviceBuffer _control;

    /// <summary>Prepares to train a model on the training part of a corpus.</summary>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    /// <exception cref="CorpusException">A part of the corpus is shorter than a window.</exception>
    public Trainer(Gpt model, DataSplit data, TrainingOptions options)
    {
        options.Validate();
        var contextLength = model.Config.ContextLength;
        data.RequireContext(contextLength);
        Options = options;
        Data = data;
        _model = model;
        _kernels = model.Parameters.Kernels;
        _arena = new Arena(_kernels);
        Optimizer = new AdamOptimizer(model.Parameters, options);
        Guard = new StepGuard(options);
        Gradients = new GradientStore(model.Parameters);
        _tape = new Tape(Gradients);
        _windows = new WindowSampler(data.Training, contextLength, options.Seed, RandomPurpose.Windows);
        _buffers = new BatchBuffers(
            _kernels, options.EffectiveMicroBatchSize, contextLength, weight: 1.0 / checked((long)options.BatchSize * contextLength));
        _control = _kernels.Allocate(_kernels.Real, 4);
    }

    /// <summary>How to train.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What to train on.</summary>
    public DataSplit Data { get; }

    /// <summary>The optimizer, whose moments belong into a checkpoint.</summary>
    public AdamOptimizer Optimizer { get; }

    /// <summary>Says from which loss on a step is skipped, and counts those that were; what it has seen belongs into a checkpoint.</summary>
    public StepGuard Guard { get; }

    /// <summary>Gradients of the last step, before clipping.</summary>
    public GradientStore Gradients { get; }

    /// <summary>Called when a parameter's gradient has its last share of a micro-batch, while the rest of the backward pass still runs.</summary>
    public Action<Parameter>? GradientFinished
    {
        get => _tape.GradientFinished;
        set => _tape.GradientFinished = value;
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Updates applied: steps without those that were skipped.</summary>
    public long Updates { get; private set; }

    /// <summary>Where the time of the steps so far went.</summary>
    public StepTimes Times { get; private set; }

    /// <summary>Tokens of one step.</summary>
    public long TokensPerStep => (long)Options.BatchSize * _model.Config.ContextLength;

    /// <summary>Continues from a checkpoint, whose values and moments are loaded already.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="updates">Updates applied.</param>
    /// <param name="guard">What the guard had seen; null for a checkpoint of before that was saved.</param>
    public void ContinueFrom(long step, long updates, StepGuardState? guard = null)
    {
        (Step, Updates) = (step, updates);
        Guard.ContinueFrom(guard ?? new StepGuardState());
    }

    /// <summary>Where in the training part the windows of a step begin, in tokens; one position for each of its sequences.</summary>
    /// <param name="step">Number of the step from 1, as in <see cref="StepResult.Step"/>. It need not have been taken.</param>
    public long[] WindowStarts(long step) => [.. Enumerable.Range(0, Options.BatchSize).Select(row => _windows.StartOf(step - 1, row))];

    /// <summary>One batch and one update, which is skipped when loss or gradient is not finite or the loss a spike.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled between two micro-batches; nothing has changed then.</exception>
    public StepResult TrainStep(CancellationToken cancellation = default)
    {
        var (batchSize, microBatchSize) = (Options.BatchSize, Options.EffectiveMicroBatchSize);
        var control = _control.View(1, 4);
        var times = Times;
        var now = Stopwatch.GetTimestamp();
        Gradients.Begin();
        for (var first = 0; first < batchSize; first += microBatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(microBatchSize, batchSize - first);
            var batch = LoadWindows(_windows, Step, first, count);
            times = times with { Data = times.Data + Lap(ref now) };

            var step = StartPass(new Step(_kernels, _arena)
            {
                Tape = _tape,
                Recomputes = Options.Recompute,
                IsTraining = true,
                Seed = Options.Seed,
                Number = (uint)Step,
                FirstSequence = first,
            });
            var hidden = _model.Forward(step, batch.Tokens);
            _model.Loss(step, hidden, batch.Targets, batch.Weights, batch.Losses);
            _kernels.Sum(batch.Losses, control.SliceColumns(0, 1), accumulate: first > 0);
            times = times with { Forward = times.Forward + Lap(ref now) };

            _tape.Backward(step);
            times = times with { Backward = times.Backward + Lap(ref now) };
        }

        Gradients.End();
        var learningRate = Options.LearningRateAt(Step);
        var largestLoss = Guard.LargestLoss;
        Optimizer.Step(Gradients, control, learningRate, Updates + 1, largestLoss);
        var (loss, norm, isApplied) = ReadControl(control);
        Times = times with { Optimizer = times.Optimizer + Lap(ref now) };
        Step++;
        Updates += isApplied ? 1 : 0;
        var isSpike = double.IsFinite(loss) && loss > largestLoss && norm <= AdamSettings.LongestGradient;
        var outcome = isApplied ? StepOutcome.Applied : isSpike ? StepOutcome.Spike : StepOutcome.NotFinite;
        var result = new StepResult(Step, loss, norm, learningRate, outcome);
        Guard.Add(result);
        return result;
    }

    /// <summary>Losses over the whole validation part: windows side by side, every token but the first predicted exactly once.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled on the way.</exception>
    public EvaluationResult EvaluateValidation(CancellationToken cancellation = default)
        => Evaluation.Measure(_model, Data.Validation, _arena, cancellation);

    /// <summary>
    /// Mean loss in nats per token over random batches of a part, the estimate that tutorials print; the batches are the same each time.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled on the way.</exception>
    public double EstimateLoss(TokenData part, int batchCount, CancellationToken cancellation = default)
    {
        var windows = new WindowSampler(part, _model.Config.ContextLength, Options.Seed, RandomPurpose.Evaluation);
        double total = 0;
        for (var batch = 0; batch < batchCount; batch++)
        {
            for (var first = 0; first < Options.BatchSize; first += Options.EffectiveMicroBatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(Options.EffectiveMicroBatchSize, Options.BatchSize - first);
                total += Evaluation.SumsOfLosses(_model, LoadWindows(windows, batch, first, count), _arena).All;
            }
        }

        return total / batchCount;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Gradients.Dispose();
        _arena.Dispose();
        _buffers.Dispose();
        _control.Dispose();
    }

    private LoadedBatch LoadWindows(WindowSampler windows, long step, int first, int count)
    {
        var contextLength = _model.Config.ContextLength;
        var tokens = count * contextLength;
        windows.Fill(step, first, count, _buffers.Inputs[..tokens], _buffers.Targets[..tokens]);
        return _buffers.Load(count, contextLength);
    }

    private Step StartPass(Step step)
    {
        _arena.Reset();
        _tape.Clear();
        return step;
    }

    /// <summary>Waits for the device: the one time in a step.</summary>
    private (double Loss, double Norm, bool IsApplied) ReadControl(MatrixView control)
    {
        Span<double> values = stackalloc double[4];
        _kernels.ReadReals(control, values);
        return (values[0], values[1], values[2] != 0);
    }

    private static TimeSpan Lap(ref long since)
    {
        var start = since;
        since = Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(start, since);
    }
}
