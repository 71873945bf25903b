using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Subwords;

/// <summary>Reads the <c>model</c> of a <c>tokenizer.json</c>.</summary>
internal static class SubwordModels
{
    private const string Known = "BPE, Unigram, WordPiece";

    /// <summary>Reads a model and the tokens that are added to it.</summary>
    /// <param name="model">The object.</param>
    /// <param name="added">The list beside it; null where there is none.</param>
    /// <param name="isByteLevel">Whether the file shows bytes as characters.</param>
    /// <param name="table">What the tokens are called.</param>
    /// <exception cref="TokenizerFormatException">It is none, makes no sense, or is of a kind that is not supported.</exception>
    public static SubwordModel Read(JsonPart model, JsonPart? added, bool isByteLevel, out VocabularyTable table)
    {
        string type = model.Find("type") is null ? GuessType(model) : model.Type;
        if (type is not ("BPE" or "Unigram" or "WordPiece"))
            throw model.Unknown("model", Known);

        if (isByteLevel && type != "BPE")
            throw model.Error($"{type} on bytes that are shown as characters (ByteLevel) is not supported");

        JsonPart vocabulary = model.Field("vocab");
        bool isList = type == "Unigram" && vocabulary.Value.ValueKind == JsonValueKind.Array;
        int count = isList ? vocabulary.Value.GetArrayLength() : vocabulary.Fields().Count();
        table = new VocabularyTable(count + (added?.Items().Count() ?? 0));
        if (type == "Unigram")
            return ReadUnigram(model, added, table);

        table.ReadObject(vocabulary);
        if (added is { } list)
            table.ReadAdded(list);

        if (table.Names.Count == 0)
            throw vocabulary.Error("there is no token");

        return type == "WordPiece" ? ReadWordPiece(model, table)
            : isByteLevel ? PairModelReader.ReadBytes(model, table)
            : PairModelReader.ReadCharacters(model, table);
    }

    // Old files do not name the model, which its fields tell.
    private static string GuessType(JsonPart model) =>
        model.Find("merges") is not null ? "BPE"
            : model.Find("max_input_chars_per_word") is not null ? "WordPiece"
            : model.Find("unk_id") is not null ? "Unigram"
            : model.Type;

    private static WordPieceModel ReadWordPiece(JsonPart model, VocabularyTable table)
    {
        model.AllowFields("type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab");
        JsonPart unknown = model.Field("unk_token");
        int unknownId = table.IdOf(unknown.Text());
        if (unknownId < 0)
            throw unknown.Error($"{Quoted.Text(unknown.Text())} is not in the vocabulary");

        bool[] isSpecial = table.FindSpecial();
        string?[] names = [.. table.Names.Select((name, id) => isSpecial[id] && id != unknownId ? null : name)];
        return new WordPieceModel(names, unknownId, model.Field("continuing_subword_prefix").Text(), model.Field("max_input_chars_per_word").Number());
    }

    private static UnigramModel ReadUnigram(JsonPart model, JsonPart? added, VocabularyTable table)
    {
        model.AllowFields("type", "unk_id", "vocab", "byte_fallback");
        JsonPart vocabulary = model.Field("vocab");
        var scores = new List<float>();
        foreach (JsonPart item in vocabulary.Items())
        {
            if (item.Items().Take(3).ToArray() is not [var name, var score])
                throw item.Error("expected a token and its score");

            if (!table.Append(name.Text(), name.Path))
                throw name.Error($"token {Quoted.Text(name.Text())} is there twice");

            float value = (float)score.Real();
            scores.Add(float.IsFinite(value) ? value : throw score.Error($"a score of {JsonPart.Describe(score.Value)} is too large"));
        }

        if (scores.Count == 0)
            throw vocabulary.Error("there is no token");

        if (added is { } list)
            table.ReadAdded(list);

        int unknownId = model.Find("unk_id")?.Number(scores.Count - 1) ?? PieceVocabulary.None;
        bool fallsBack = model.Flag("byte_fallback", absent: false);
        VocabularyPiece[] pieces = table.ToPieces(scores.Count, unknownId, fallsBack, id => scores[id]);
        return new UnigramModel(new PieceVocabulary(pieces, fallsBack));
    }
}
