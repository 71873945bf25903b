namespace Inkling.Training;

/// <summary>Why a run has ended.</summary>
public enum RunEndReason
{
    /// <summary>It took its last step.</summary>
    Completed,

    /// <summary>It was asked to end before that; all is saved.</summary>
    Interrupted,

    /// <summary>As many evaluations in a row as <see cref="TrainingOptions.Patience"/> allows were no better than the best.</summary>
    OutOfPatience,

    /// <summary>
    /// As many steps in a row as <see cref="TrainingOptions.MaximumSkippedSteps"/> allows were skipped. The weights are those of the last step that was applied.
    /// </summary>
    TooManySkippedSteps,
}
