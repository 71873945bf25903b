namespace Inkling.Training;

/// <summary>
/// Counts the steps that were skipped, and knows from which loss on to skip the next. A loss that was skipped never becomes a measure of later ones.
/// </summary>
public sealed class StepGuard
{
    // From fewer losses a deviation says little.
    private const int FewestLosses = 16;

    // Losses that hardly differ must not make a spike of the first one that does.
    private const double SmallestDeviation = 0.01;

    private readonly double _threshold;
    private readonly int _maximumSkipped;
    private readonly int _fewestLosses;

    // A ring: the newest loss takes the place of the oldest.
    private readonly double[] _losses;
    private int _count;
    private int _oldest;

    internal StepGuard(TrainingOptions options)
    {
        (_threshold, _maximumSkipped) = (options.SpikeThreshold, options.MaximumSkippedSteps);
        _losses = _threshold == 0 ? [] : new double[options.SpikeWindow];
        _fewestLosses = Math.Max(FewestLosses, options.SpikeWindow / 4);
    }

    /// <summary>Steps skipped in all.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Steps skipped since the last applied one.</summary>
    public long SkippedInARow { get; private set; }

    /// <summary>Whether as many steps in a row were skipped as <see cref="TrainingOptions.MaximumSkippedSteps"/> allows.</summary>
    public bool HasGivenUp => _maximumSkipped > 0 && SkippedInARow >= _maximumSkipped;

    /// <summary>
    /// Highest loss in nats per token with which the next step is applied: mean + threshold · deviation of the last applied ones. Infinite while there
    /// is no threshold, or while less than a quarter of the window is known.
    /// </summary>
    public double LargestLoss
    {
        get
        {
            if (_threshold == 0 || _count < _fewestLosses)
            {
                return double.PositiveInfinity;
            }

            // Anew each time and from the oldest on, so that a run which goes on after an interruption gets the same bits.
            double sum = 0, squares = 0;
            for (var i = 0; i < _count; i++)
            {
                sum += Recent(i);
            }

            var mean = sum / _count;
            for (var i = 0; i < _count; i++)
            {
                squares += (Recent(i) - mean) * (Recent(i) - mean);
            }

            return mean + (_threshold * Math.Max(Math.Sqrt(squares / _count), SmallestDeviation * Math.Abs(mean)));
        }
    }

    /// <summary>What to save in a checkpoint.</summary>
    public StepGuardState State => new()
    {
        RecentLosses = [.. Enumerable.Range(0, _count).Select(Recent)],
        SkippedSteps = SkippedSteps,
        SkippedInARow = SkippedInARow,
    };

    internal void ContinueFrom(StepGuardState state)
    {
        (_count, _oldest) = (0, 0);
        (SkippedSteps, SkippedInARow) = (state.SkippedSteps, state.SkippedInARow);
        foreach (var loss in state.RecentLosses)
        {
            Remember(loss);
        }
    }

    internal void Add(StepResult result)
    {
        if (result.IsApplied)
        {
            SkippedInARow = 0;
            Remember(result.Loss);
        }
        else
        {
            SkippedSteps++;
            SkippedInARow++;
        }
    }

    private void Remember(double loss)
    {
        if (_count < _losses.Length)
        {
            _losses[_count++] = loss;
        }
        else if (_count > 0)
        {
            _losses[_oldest] = loss;
            _oldest = (_oldest + 1) % _count;
        }
    }

    private double Recent(int index) => _losses[(_oldest + index) % _losses.Length];
}
