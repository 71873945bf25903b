namespace Inkling.Training.Verification;

/// <summary>What a folder holds.</summary>
public enum FolderKind
{
    /// <summary>A model, and nothing of how it came about.</summary>
    Model,

    /// <summary>A run: what it was begun with, its checkpoints, its metrics and its best model so far.</summary>
    Run,

    /// <summary>One checkpoint.</summary>
    Checkpoint,
}
