namespace Inkling.Text.Splitting;

/// <summary>What becomes of the parts of a text that a pattern matches.</summary>
internal enum SplitBehavior
{
    /// <summary>They belong to no piece.</summary>
    Removed,

    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>Each ends the piece before it; of several in a row the first.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece after it; of several in a row the last.</summary>
    MergedWithNext,

    /// <summary>Those in a row are one piece.</summary>
    Contiguous,
}
