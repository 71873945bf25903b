using Inkling.Data;
using Inkling.Data.Scenes;
using Inkling.Models;

namespace Inkling.Training;

/// <summary>What a run was begun with; <c>run.json</c> in its folder keeps it, so that resuming needs no options again.</summary>
public sealed record RunSettings
{
    /// <summary>Characters of built-in scenes unless somebody asks for another number.</summary>
    public const int DefaultSceneCharacterCount = 3_000_000;

    // Not the run's seed: runs that differ in their draws alone learn from the same text.
    private const ulong SceneSeed = 1;

    /// <summary>Text file to train on; null for the built-in scenes.</summary>
    public string? CorpusPath { get; init; }

    /// <summary>How many characters of built-in scenes there are at least, where there is no <see cref="CorpusPath"/>.</summary>
    public int SceneCharacterCount { get; init; } = DefaultSceneCharacterCount;

    /// <summary>The corpus in a few words: its path, or that it is built in.</summary>
    public string CorpusDescription => CorpusPath ?? "built-in scenes";

    /// <summary>Hash of the text in lower-case hexadecimal; filled in when the run starts.</summary>
    public string? CorpusSha256 { get; init; }

    /// <summary>Finished model to go on from; null to begin with drawn weights and a tokenizer made for the corpus.</summary>
    public RunOrigin? From { get; init; }

    /// <summary>Preset that shape and recipe came from, before changes; null for none.</summary>
    public string? Preset { get; init; }

    /// <summary>Shape of the model; its vocabulary comes from the tokenizer.</summary>
    public required GptConfig Model { get; init; }

    /// <summary>Recipe.</summary>
    public required TrainingOptions Training { get; init; }

    /// <summary>Reads the corpus, or writes it where it is built in.</summary>
    /// <exception cref="CorpusException">There is no such file, or it is no text.</exception>
    public TextCorpus OpenCorpus() => CorpusPath is null ? SceneCorpus.Create(SceneCharacterCount, SceneSeed) : TextCorpus.Open(CorpusPath);
}
