using System.Text;
using System.Text.Json;
using Inkling.Text.Subwords;

namespace Inkling.Text.HuggingFace;

/// <summary>What a <c>tokenizer.json</c> calls its tokens: those of the model and those that are added.</summary>
internal sealed class VocabularyTable
{
    /// <summary>No name of a token is longer: a search walks so far from every character. The longest in use are runs of some hundred spaces or dashes.</summary>
    public const int MaxNameBytes = 1024;

    // An id may be free: files are written after tokens were taken out, or rounded up. One that is far away is a mistake, or wants our memory.
    private const int MostIdsPerToken = 4;
    private const int MostFreeIds = 1024;

    private readonly Dictionary<string, int> _ids = [];
    private readonly List<string?> _names = [];
    private readonly long _idLimit;

    /// <summary>Begins an empty table.</summary>
    /// <param name="count">How many tokens the file lists.</param>
    public VocabularyTable(int count) => _idLimit = ((long)count * MostIdsPerToken) + MostFreeIds;

    /// <summary>The tokens by id; null where an id is free.</summary>
    public IReadOnlyList<string?> Names => _names;

    /// <summary>The tokens that are found in the text as a whole.</summary>
    public List<AddedToken> Added { get; } = [];

    /// <summary>Tokens that no text gives, but added ones.</summary>
    public List<(int Id, string Name)> Unreachable { get; } = [];

    /// <summary>The id of a token, or −1.</summary>
    public int IdOf(string name) => _ids.GetValueOrDefault(name, -1);

    /// <summary>Reads a vocabulary that is an object of ids.</summary>
    public void ReadObject(JsonPart vocabulary)
    {
        foreach (JsonProperty entry in vocabulary.Fields())
        {
            string name = entry.Name;
            JsonElement value = entry.Value;
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int id) || id < 0 || id >= _idLimit)
                throw vocabulary.Error($"expected an id from 0 to {_idLimit - 1} for {Quoted.Text(name)}, found {JsonPart.Describe(value)}");

            if (id < _names.Count && _names[id] is { } other)
                throw vocabulary.Error($"id {id} belongs to both {Quoted.Text(other)} and {Quoted.Text(name)}");

            Add(name, id, vocabulary.Path);
        }
    }

    /// <summary>Appends a token with the next id.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="path">Where that stands.</param>
    /// <returns>Whether there was none of that name.</returns>
    public bool Append(string name, string path)
    {
        bool isNew = !_ids.ContainsKey(name);
        Add(name, _names.Count, path);
        return isNew;
    }

    /// <summary>Reads the added tokens, of which some may be in the vocabulary too: under the same id.</summary>
    public void ReadAdded(JsonPart list)
    {
        var seen = new HashSet<int>();
        foreach (JsonPart item in list.Items())
        {
            item.AllowFields("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            JsonPart content = item.Field("content");
            int id = item.Field("id").Number((int)Math.Min(int.MaxValue, _idLimit - 1));
            var token = new AddedToken(content.Text(), id)
            {
                IsSpecial = item.Flag("special", absent: false),
                StripsLeft = item.Flag("lstrip", absent: false),
                StripsRight = item.Flag("rstrip", absent: false),
                IsSingleWord = item.Flag("single_word", absent: false),
                IsNormalized = item.Flag("normalized", absent: false),
            };
            if (token.Content.Length == 0)
                throw content.Error("an added token is empty");

            if (!seen.Add(id))
                throw item.Error($"id {id} is added twice");

            if (_ids.TryGetValue(token.Content, out int known) && known != id)
                throw item.Error($"{Quoted.Text(token.Content)} has the id {known} already, not {id}");

            if (id < _names.Count && _names[id] is { } other && other != token.Content)
                throw item.Error($"id {id} belongs to both {Quoted.Text(other)} and {Quoted.Text(token.Content)}");

            Add(token.Content, id, item.Path);
            Added.Add(token);
        }

        Added.Sort((a, b) => a.Id.CompareTo(b.Id));
    }

    /// <summary>By id: whether it is a special token, which no text may spell by itself.</summary>
    public bool[] FindSpecial()
    {
        var special = new bool[_names.Count];
        foreach (AddedToken token in Added)
            special[token.Id] = token.IsSpecial;

        return special;
    }

    /// <summary>The tokens for a model of text pieces.</summary>
    /// <param name="count">How many of them are the model's.</param>
    /// <param name="unknownId">The one that stands for what cannot be spelled, or −1.</param>
    /// <param name="fallsBackToBytes">Whether tokens such as <c>&lt;0x0A&gt;</c> are bytes.</param>
    /// <param name="score">The score of each.</param>
    public VocabularyPiece[] ToPieces(int count, int unknownId, bool fallsBackToBytes, Func<int, float> score)
    {
        bool[] isSpecial = FindSpecial();
        var pieces = new VocabularyPiece[count];
        for (int id = 0; id < count; id++)
        {
            PieceKind kind = _names[id] is not { Length: > 0 } name ? PieceKind.Absent
                : id == unknownId ? PieceKind.Unknown
                : fallsBackToBytes && PieceVocabulary.TryReadByte(name) is not null ? PieceKind.Byte
                : isSpecial[id] ? PieceKind.Control
                : PieceKind.Normal;
            pieces[id] = new VocabularyPiece(_names[id] ?? "", score(id), kind);
        }

        return pieces;
    }

    private void Add(string name, int id, string path)
    {
        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
            throw new TokenizerFormatException(TokenizerJson.FileName, path, $"token {Quoted.Text(name)} of id {id} has more than {MaxNameBytes} bytes");

        while (_names.Count <= id)
            _names.Add(null);

        _names[id] = name;
        _ids[name] = id;
    }
}
