using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>Turns a piece of text into tokens. Immutable, and safe to share between threads: what it needs to work lies in the session.</summary>
internal abstract class SubwordModel
{
    /// <summary>What kind of model it is, such as <c>byte-level BPE</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Adds the tokens of a piece, with <see cref="EncodingSession.Add(int, int)"/>; their lengths make up the piece.</summary>
    /// <param name="piece">Not empty.</param>
    /// <param name="session">Takes the tokens, and lends working memory.</param>
    public abstract void Encode(ReadOnlySpan<byte> piece, EncodingSession session);

    /// <summary>Makes the working memory that a session keeps for this model; null where none is needed.</summary>
    public virtual object? CreateWorkspace() => null;

    /// <summary>Writes the <c>model</c> object of <c>tokenizer.json</c>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="others">Tokens that no text gives: added ones, above all. Readers look for their ids in the vocabulary.</param>
    public abstract void Write(Utf8JsonWriter writer, IReadOnlyList<(int Id, string Name)> others);
}
