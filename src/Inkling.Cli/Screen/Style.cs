namespace Inkling.Cli.Screen;

/// <summary>How a piece of text looks. Never the only way in which something is said.</summary>
internal enum Style
{
    Plain,
    Strong,
    Quiet,

    /// <summary>Blue: what has been reached.</summary>
    Good,

    /// <summary>Orange, which no kind of colour blindness takes for the blue: what deserves a look.</summary>
    Notable,
}
