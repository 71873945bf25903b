namespace Inkling.Formats;

/// <summary>A file as a <see cref="Manifest"/> lists it.</summary>
internal sealed record ManifestFile
{
    public required string Name { get; init; }

    public required long Bytes { get; init; }

    /// <summary>In lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
