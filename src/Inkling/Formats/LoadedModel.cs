using System.Text.Json.Nodes;
using Inkling.Models;
using Inkling.Text;

namespace Inkling.Formats;

/// <summary>What a model folder holds.</summary>
/// <param name="Model">The model with its weights.</param>
/// <param name="Tokenizer">What its tokens mean.</param>
/// <param name="About">What was said about it when it was saved: recipe, corpus, version.</param>
public sealed record LoadedModel(Gpt Model, Tokenizer Tokenizer, JsonObject About) : IDisposable
{
    /// <summary>Releases the model.</summary>
    public void Dispose() => Model.Dispose();
}
