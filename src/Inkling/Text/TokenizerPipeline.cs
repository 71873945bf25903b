using System.Text.Json;
using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>What a <see cref="PipelineTokenizer"/> is made of; what a loader or a trainer gives and what is saved.</summary>
internal sealed record TokenizerPipeline
{
    /// <summary>More steps than this are refused, since the steps of a file are run one inside the other.</summary>
    public const int MaxStageCount = 64;

    /// <summary>The raw bytes that each id stands for when it is decoded; null where an id is not in use.</summary>
    public required byte[]?[] Tokens { get; init; }

    /// <summary>Normalisers and splitters in the order in which a text goes through them.</summary>
    public required IReadOnlyList<TextStage> Stages { get; init; }

    /// <summary>How many of the stages are written as normalisers; the others are pre-tokenizers.</summary>
    public int NormalizerCount { get; init; }

    /// <summary>Encodes the pieces.</summary>
    public required SubwordModel Model { get; init; }

    /// <summary>Tokens that are found in the text as a whole.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    /// <summary>Tokens of a file's vocabulary that no text gives, kept for saving; added ones are not among them.</summary>
    public IReadOnlyList<(int Id, string Name)> Unreachable { get; init; } = [];

    /// <summary>Ids that are put before a text where the caller wants them.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>Ids that are put after a text where the caller wants them.</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>What decoding does with the space that encoding put before the text.</summary>
    public LeadingSpace LeadingSpace { get; init; }

    /// <summary>Tokens whose space at the beginning is their own, and never one that encoding put there.</summary>
    public IReadOnlyList<int> SpaceOwners { get; init; } = [];

    /// <summary>What a file said puts <see cref="Prefix"/> and <see cref="Suffix"/> there, kept for saving; null where nothing was read.</summary>
    public JsonElement? PostProcessor { get; init; }

    /// <summary>What a file said makes <see cref="Tokens"/> of its vocabulary, kept for saving; null where nothing was read.</summary>
    public JsonElement? Decoder { get; init; }
}
