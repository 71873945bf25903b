namespace Inkling.Training;

/// <summary>How well a model predicts a text.</summary>
/// <param name="Loss">Mean loss in nats per token over every token but the first, each predicted exactly once.</param>
/// <param name="LossHalfContext">
/// The same over those tokens alone that have at least half the context before them, see <see cref="Evaluation.HasHalfContext"/>; null where
/// the text is too short for one. The first tokens of a window are harder, even for a perfect predictor, and these are not among them.
/// </param>
public readonly record struct EvaluationResult(double Loss, double? LossHalfContext);
