using System.Text;
using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>
/// WordPiece: from the beginning of a word on always the longest token that fits; what does not begin the word is marked in the vocabulary.
/// Devlin et al., <i>BERT</i>, 2018; the search is that of its code.
/// </summary>
internal sealed class WordPieceModel : SubwordModel
{
    private readonly string?[] _names;
    private readonly int _unknownId;
    private readonly string _prefix;
    private readonly int _longestWord;
    private readonly ByteTrie _first;
    private readonly ByteTrie _next;

    /// <summary>Builds the model.</summary>
    /// <param name="names">What spells each id; null for ids that the model never gives.</param>
    /// <param name="unknownId">The token of a word that cannot be spelled.</param>
    /// <param name="prefix">What marks tokens that do not begin a word.</param>
    /// <param name="longestWord">A word of more characters is not looked at: it is unknown.</param>
    public WordPieceModel(string?[] names, int unknownId, string prefix, int longestWord)
    {
        (_names, _unknownId, _prefix, _longestWord) = (names, unknownId, prefix, longestWord);
        var first = new List<(byte[], int)>();
        var next = new List<(byte[], int)>();
        for (int id = 0; id < names.Length; id++)
        {
            if (names[id] is not { Length: > 0 } name || id == unknownId)
                continue;

            first.Add((Encoding.UTF8.GetBytes(name), id));
            if (name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal))
                next.Add((Encoding.UTF8.GetBytes(name[prefix.Length..]), id));
        }

        (_first, _next) = (new ByteTrie(first), new ByteTrie(next));
    }

    /// <inheritdoc/>
    public override string Kind => "WordPiece";

    /// <inheritdoc/>
    public override object CreateWorkspace() => new List<(int Id, int Length)>();

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> piece, EncodingSession session)
    {
        var tokens = (List<(int Id, int Length)>)session.Workspace!;
        if (!TryEncode(piece, tokens))
        {
            session.Add(_unknownId, piece.Length);
            return;
        }

        foreach ((int id, int length) in tokens)
            session.Add(id, length);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<(int Id, string Name)> others)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "WordPiece");
        writer.WriteString("unk_token", _names[_unknownId]);
        writer.WriteString("continuing_subword_prefix", _prefix);
        writer.WriteNumber("max_input_chars_per_word", _longestWord);
        VocabularyWriter.Write(writer, _names, others);
        writer.WriteEndObject();
    }

    private bool TryEncode(ReadOnlySpan<byte> word, List<(int Id, int Length)> tokens)
    {
        tokens.Clear();
        if (word.Length > _longestWord && Utf8Text.CountCharacters(word) > _longestWord)
            return false;

        for (int at = 0, length; at < word.Length; at += length)
        {
            int id = (at == 0 ? _first : _next).LongestMatch(word[at..], out length);
            if (id == ByteTrie.None)
                return false;

            tokens.Add((id, length));
        }

        return true;
    }
}
