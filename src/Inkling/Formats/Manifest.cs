using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inkling.Formats;

/// <summary><c>manifest.json</c>: what a folder consists of, with sizes and hashes. It is written last, so it tells what is complete.</summary>
internal sealed record Manifest
{
    public const string FileName = "manifest.json";

    private const int CurrentFormatVersion = 1;

    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>Step of a checkpoint; null for other folders.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Step { get; init; }

    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <exception cref="ModelFormatException">The file is missing or damaged.</exception>
    public static Manifest Read(string path)
    {
        var bytes = JsonFile.ReadBytes(path);
        var content = JsonFile.Parse(path, bytes);
        JsonFile.RequireVersion(path, content, CurrentFormatVersion);
        var manifest = JsonFile.Deserialize(path, content, ManifestContext.Default.Manifest);

        foreach (var file in manifest.Files)
        {
            if (file is null || file.Name != Path.GetFileName(file.Name))
            {
                throw new ModelFormatException(path, "lists something else than files of this folder", "$.files");
            }
        }

        // Nothing vouches for the manifest itself, but there is only one way in which it is written.
        using var written = new MemoryStream();
        manifest.Write(written);
        return bytes.AsSpan().SequenceEqual(written.GetBuffer().AsSpan(0, (int)written.Length))
            ? manifest
            : throw new ModelFormatException(path, "is not as it was written");
    }

    public void Write(Stream stream) => JsonFile.Write(stream, JsonSerializer.SerializeToNode(this, ManifestContext.Default.Manifest)!);

    /// <summary>The entry of a file; null where it is not listed.</summary>
    public ManifestFile? Find(string name) => Files.FirstOrDefault(file => file.Name == name);
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestContext : JsonSerializerContext;
