using System.Text.Json.Nodes;
using Inkling.Models;
using Inkling.Text;

namespace Inkling.Formats;

/// <summary>What a model folder holds besides the weights.</summary>
/// <param name="Config">Shape of the model.</param>
/// <param name="Tokenizer">What its tokens mean.</param>
/// <param name="About">What was said about it when it was saved: recipe, corpus, version.</param>
public sealed record ModelDescription(GptConfig Config, Tokenizer Tokenizer, JsonObject About);
