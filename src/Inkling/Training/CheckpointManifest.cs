namespace Inkling.Training;

/// <summary>What a complete checkpoint consists of. It is written last, so a checkpoint without one is not complete.</summary>
internal sealed record CheckpointManifest(int FormatVersion, long Step, IReadOnlyList<CheckpointFile> Files);

/// <summary>A file of a checkpoint with its size and its hash in lower-case hexadecimal.</summary>
internal sealed record CheckpointFile(string Name, long Bytes, string Sha256);
