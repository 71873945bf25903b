using System.Text.Json;

namespace Inkling.Text;

/// <summary>One step on the way of a text to the model: it changes the text, or splits it.</summary>
internal abstract class TextStage
{
    /// <summary>Writes the step as an object of <c>tokenizer.json</c>.</summary>
    public abstract void Write(Utf8JsonWriter writer);
}
