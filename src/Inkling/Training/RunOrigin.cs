using Inkling.Formats;
using Inkling.Models;

namespace Inkling.Training;

/// <summary>The finished model that a run goes on from, on another text: weights, shape and tokenizer come from it.</summary>
public sealed record RunOrigin
{
    /// <summary>Model folder.</summary>
    public required string FolderPath { get; init; }

    /// <summary>Hash of its weights' file in lower-case hexadecimal; filled in when the run starts.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>The origin with its hash, and what its folder holds.</summary>
    /// <exception cref="ArgumentException">The model that is to be trained has another shape.</exception>
    /// <exception cref="ModelFormatException">The folder is no model folder, or damaged.</exception>
    internal (RunOrigin Origin, ModelDescription Description) Open(GptConfig wanted)
    {
        var description = ModelFolder.Describe(FolderPath);
        var had = description.Config;

        // Dropout has no weights; and the vocabulary is that of the tokenizer, whatever was asked for.
        var comparable = wanted with
        {
            VocabularySize = had.VocabularySize,
            EmbeddingDropout = had.EmbeddingDropout,
            AttentionDropout = had.AttentionDropout,
            ResidualDropout = had.ResidualDropout,
        };
        string[] differences = [.. JsonDifference.Between(GptConfigJson.Write(had), GptConfigJson.Write(comparable))];
        return differences.Length == 0
            ? (this with { WeightsSha256 = HashWeights() }, description)
            : throw new ArgumentException($"The model in {FolderPath} keeps its shape: {string.Join("; ", differences)}.");
    }

    /// <summary>Makes sure that the weights are still those that the run began with.</summary>
    /// <exception cref="RunFolderException">They are gone or have changed.</exception>
    internal void RequireUnchanged(string runPath)
    {
        if (!IsUnchanged())
        {
            throw new RunFolderException(
                $"{runPath} has no checkpoint yet and begins with the model in {FolderPath}, which is gone or has changed. "
                + "Bring it back, or begin another run with --out.");
        }
    }

    private bool IsUnchanged()
    {
        try
        {
            return HashWeights() == WeightsSha256;
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }

    private string HashWeights() => FolderFiles.Read(FolderPath, files =>
    {
        var path = files.PathOf(ModelFolder.WeightsName);
        using var stream = ModelFile.Open(path);
        try
        {
            return ModelFile.Hash(stream);
        }
        catch (IOException e)
        {
            throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
        }
    });
}
