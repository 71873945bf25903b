namespace Inkling.Training;

/// <summary>
/// What a run remembers of its losses: enough to know the best model, how long nothing has been better, and whether the model overfits.
/// </summary>
internal sealed class LossHistory
{
    // The validation loss has no sampling noise, but it wanders with the weights even while it falls: by up to 1.5 % where that was measured
    // (docs/experiments.md). An overfitted one is clearly above that.
    private const double ClearlyAbove = 1.02;

    private double _trainingLossSum;
    private long _trainingLossCount;
    private double? _trainingLossAtBest;
    private double? _lastValidationLoss;

    /// <summary>Begins anew.</summary>
    public LossHistory()
    {
    }

    /// <summary>Goes on where a checkpoint was saved.</summary>
    public LossHistory(TrainingState state)
    {
        (BestValidationLoss, BestStep, EvaluationsWithoutImprovement) = (state.BestValidationLoss, state.BestStep, state.EvaluationsWithoutImprovement);
        (_trainingLossSum, _trainingLossCount) = (state.TrainingLossSum, state.TrainingLossCount);
        (_trainingLossAtBest, _lastValidationLoss) = (state.TrainingLossAtBest, state.LastValidationLoss);
    }

    /// <summary>Lowest validation loss so far; null before the first evaluation.</summary>
    public double? BestValidationLoss { get; private set; }

    /// <summary>Step of the lowest validation loss.</summary>
    public long BestStep { get; private set; }

    /// <summary>Evaluations since the lowest validation loss.</summary>
    public int EvaluationsWithoutImprovement { get; private set; }

    /// <summary>Mean loss of the steps since the last evaluation, those without an update left out; null where there are none.</summary>
    public double? TrainingLoss => _trainingLossCount == 0 ? null : _trainingLossSum / _trainingLossCount;

    /// <summary>Takes a step into account.</summary>
    public void AddStep(StepResult result)
    {
        if (result.IsApplied)
        {
            _trainingLossSum += result.Loss;
            _trainingLossCount++;
        }
    }

    /// <summary>Whether a validation loss is the lowest so far. Until a finite one has been seen, any model is better than none.</summary>
    public bool IsBest(double validationLoss)
        => BestValidationLoss is not { } best || double.IsNaN(best) || validationLoss < best;

    /// <summary>Takes an evaluation into account and begins the next mean of the training loss.</summary>
    /// <returns>Whether the model overfits, as <see cref="Evaluated.IsOverfitting"/> defines it.</returns>
    public bool AddEvaluation(long step, double validationLoss)
    {
        var isOverfitting = false;
        if (IsBest(validationLoss))
        {
            (BestValidationLoss, BestStep, EvaluationsWithoutImprovement) = (validationLoss, step, 0);
            _trainingLossAtBest = TrainingLoss;
        }
        else
        {
            EvaluationsWithoutImprovement++;
            isOverfitting = _lastValidationLoss > BestValidationLoss
                && validationLoss > _lastValidationLoss
                && validationLoss > ClearlyAbove * BestValidationLoss
                && TrainingLoss < _trainingLossAtBest;

            // A model that was best before its first step has no training loss to compare with but the first one after that.
            _trainingLossAtBest ??= TrainingLoss;
        }

        _lastValidationLoss = validationLoss;
        (_trainingLossSum, _trainingLossCount) = (0, 0);
        return isOverfitting;
    }

    /// <summary>The state of a checkpoint with what is remembered here.</summary>
    public TrainingState Into(TrainingState state) => state with
    {
        BestValidationLoss = BestValidationLoss,
        BestStep = BestStep,
        EvaluationsWithoutImprovement = EvaluationsWithoutImprovement,
        LastValidationLoss = _lastValidationLoss,
        TrainingLossAtBest = _trainingLossAtBest,
        TrainingLossSum = _trainingLossSum,
        TrainingLossCount = _trainingLossCount,
    };
}
