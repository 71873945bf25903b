using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Subwords;

/// <summary>Reads byte-pair models of <c>tokenizer.json</c>, on bytes and on characters.</summary>
internal static class PairModelReader
{
    private static readonly string[] Fields =
    [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges",
    ];

    /// <summary>Reads a model whose vocabulary shows bytes as characters.</summary>
    public static BytePairModel ReadBytes(JsonPart model, VocabularyTable table)
    {
        CheckFields(model);
        bool[] isAdded = new bool[table.Names.Count];
        foreach (AddedToken token in table.Added)
            isAdded[token.Id] = true;

        bool[] isSpecial = table.FindSpecial();
        var tokens = new byte[]?[table.Names.Count];
        for (int id = 0; id < tokens.Length; id++)
        {
            // A name of one character is that of a byte, without which texts could not be spelled: such a token is text too.
            if (table.Names[id] is not { } name || (isSpecial[id] && name.Length > 1))
                continue;

            // Some files have tokens that stand for no bytes. No text gives them.
            tokens[id] = ByteAlphabet.TryRead(name) is { Length: > 0 } bytes ? bytes : null;
            if (tokens[id] is null && !isAdded[id])
                table.Unreachable.Add((id, name));
        }

        return new BytePairModel(tokens, ReadMerges(model, table, id => tokens[id] is not null), model.Flag("ignore_merges", absent: false));
    }

    /// <summary>Reads a model that begins with characters.</summary>
    public static CharacterPairModel ReadCharacters(JsonPart model, VocabularyTable table)
    {
        CheckFields(model);
        int unknownId = PieceVocabulary.None;
        if (model.Find("unk_token") is { } unknown && (unknownId = table.IdOf(unknown.Text())) < 0)
            throw unknown.Error($"{Quoted.Text(unknown.Text())} is not in the vocabulary");

        bool fallsBack = model.Flag("byte_fallback", absent: false);
        VocabularyPiece[] pieces = table.ToPieces(table.Names.Count, unknownId, fallsBack, score: _ => 0);
        var options = new CharacterPairOptions
        {
            FusesUnknown = model.Flag("fuse_unk", absent: false),
            TakesWholePieces = model.Flag("ignore_merges", absent: false),
        };
        Merge[] merges = ReadMerges(model, table, id => pieces[id].IsText);
        return new CharacterPairModel(new PieceVocabulary(pieces, fallsBack), merges, options);
    }

    /// <summary>Reads the merges, but those of tokens that are not text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">The vocabulary.</param>
    /// <param name="isText">Whether text may be spelled with an id.</param>
    private static Merge[] ReadMerges(JsonPart model, VocabularyTable table, Func<int, bool> isText)
    {
        JsonPart list = model.Field("merges");
        if (list.Value.ValueKind != JsonValueKind.Array)
            throw list.Error($"expected an array, found {JsonPart.Describe(list.Value)}");

        var merges = new List<Merge>(list.Value.GetArrayLength());
        int rank = 0;
        foreach (JsonElement item in list.Value.EnumerateArray())
        {
            (string left, string right) = ReadPair(item, list, rank);
            int leftId = IdOf(left, list, rank, table), rightId = IdOf(right, list, rank, table), result = IdOf(left + right, list, rank, table);
            if (isText(leftId) && isText(rightId) && isText(result))
                merges.Add(new Merge(leftId, rightId, result, rank));

            rank++;
        }

        return [.. merges];
    }

    private static (string Left, string Right) ReadPair(JsonElement item, JsonPart list, int index)
    {
        if (item.ValueKind == JsonValueKind.Array)
        {
            if (item.GetArrayLength() == 2 && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
                return (item[0].GetString()!, item[1].GetString()!);
        }
        else if (item.ValueKind == JsonValueKind.String && item.GetString()!.Split(' ') is [var left, var right])
        {
            return (left, right);
        }

        throw new JsonPart(item, $"{list.Path}[{index}]").Error($"expected two tokens, as \"a b\" or [\"a\", \"b\"], found {JsonPart.Describe(item)}");
    }

    private static int IdOf(string name, JsonPart list, int index, VocabularyTable table) =>
        table.IdOf(name) is >= 0 and var id
            ? id
            : throw new JsonPart(list.Value, $"{list.Path}[{index}]").Error($"{Quoted.Text(name)} is not in the vocabulary");

    private static void CheckFields(JsonPart model)
    {
        model.AllowFields(Fields);
        if (model.Find("dropout") is { } dropout && dropout.Real() != 0)
            throw dropout.Error($"merges that are left out by chance ({JsonPart.Describe(dropout.Value)}) are not supported, only null");

        foreach (string name in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Find(name) is { } mark && mark.Text().Length > 0)
                throw mark.Error($"a mark {Quoted.Text(mark.Text())} in byte-pair encoding is not supported, only null");
        }
    }
}
