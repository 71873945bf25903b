namespace Inkling.Cli.Reporting;

/// <summary>A curve with its name.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Kind">How it looks.</param>
/// <param name="Points">In the order of X.</param>
internal sealed record Series(string Name, CurveKind Kind, IReadOnlyList<CurvePoint> Points);
