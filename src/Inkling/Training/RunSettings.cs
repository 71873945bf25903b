using Inkling.Models;

namespace Inkling.Training;

/// <summary>What a run was begun with; <c>run.json</c> in its folder keeps it, so that resuming needs no options again.</summary>
public sealed record RunSettings
{
    /// <summary>Text file to train on.</summary>
    public required string CorpusPath { get; init; }

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
}
