namespace Inkling.Training;

/// <summary>What a complete checkpoint consists of. It is written last, so a checkpoint without one is not complete.</summary>
internal sealed record CheckpointManifest
{
    public required int FormatVersion { get; init; }

    public required long Step { get; init; }

    public required IReadOnlyList<CheckpointFile?> Files { get; init; }
}

/// <summary>A file of a checkpoint.</summary>
internal sealed record CheckpointFile
{
    public required string Name { get; init; }

    public required long Bytes { get; init; }

    /// <summary>In lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
