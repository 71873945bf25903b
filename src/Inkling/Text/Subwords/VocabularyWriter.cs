using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>Writes the <c>vocab</c> of models that are tables from texts to ids.</summary>
internal static class VocabularyWriter
{
    /// <summary>Writes the object, in the order of the ids.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="names">What spells the token of each id; null where the model has none.</param>
    /// <param name="others">
    /// Listed too where the model has none: readers look for the id of an added token in the vocabulary, and number anew what they do not find.
    /// </param>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<string?> names, IReadOnlyList<(int Id, string Name)> others)
    {
        var all = new string?[Math.Max(names.Length, others.Select(token => token.Id + 1).Append(0).Max())];
        names.CopyTo(all);
        foreach ((int id, string name) in others)
            all[id] ??= name;

        writer.WriteStartObject("vocab");
        for (int id = 0; id < all.Length; id++)
        {
            if (all[id] is { } name)
                writer.WriteNumber(name, id);
        }

        writer.WriteEndObject();
    }
}
