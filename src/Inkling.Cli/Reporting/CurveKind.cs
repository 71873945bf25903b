namespace Inkling.Cli.Reporting;

/// <summary>How a curve is drawn; each is told from the others without its colour.</summary>
internal enum CurveKind
{
    Line,
    Faint,
    Dots,
    Ring,
    Dashes,
}
