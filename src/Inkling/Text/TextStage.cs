using System.Text.Json;

namespace Inkling.Text;

/// <summary>One component on the way of a text to the model: it changes the text, or splits it, or both.</summary>
internal abstract class TextStage
{
    /// <summary>The normalisers and splitters that it consists of: itself, or those that do its work one after the other.</summary>
    public virtual IReadOnlyList<TextStage> Steps => [this];

    /// <summary>Writes the component as an object of <c>tokenizer.json</c>.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Writes a component that has no settings.</summary>
    public static void WriteType(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }
}
