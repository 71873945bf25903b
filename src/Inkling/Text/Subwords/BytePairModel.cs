using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>
/// Byte-level byte-pair encoding: a piece begins as single bytes, and neighbours are merged in the order of the ranks.
/// Sennrich, Haddow and Birch, <i>Neural Machine Translation of Rare Words with Subword Units</i>, 2016; on bytes since GPT-2.
/// </summary>
internal sealed class BytePairModel : SubwordModel
{
    /// <summary>Says that a byte has no token.</summary>
    public const int NoToken = -1;

    private readonly byte[]?[] _tokens;
    private readonly Merge[] _merges;
    private readonly MergeTable _table;
    private readonly int[] _byteTokens = new int[256];
    private readonly bool _takesWholePieces;

    /// <summary>Builds the model.</summary>
    /// <param name="tokens">The bytes of each id; null for ids that are not made of text, which the model never gives.</param>
    /// <param name="merges">In the order of their ranks.</param>
    /// <param name="takesWholePieces">A piece that is a token is that token, even where its merges would lead elsewhere (tiktoken, Llama 3).</param>
    public BytePairModel(byte[]?[] tokens, Merge[] merges, bool takesWholePieces)
    {
        (_tokens, _merges, _takesWholePieces) = (tokens, merges, takesWholePieces);
        _table = new MergeTable(merges);
        Array.Fill(_byteTokens, NoToken);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is [var value])
                _byteTokens[value] = id;
        }
    }

    /// <inheritdoc/>
    public override object CreateWorkspace() => new PairMerger(_table);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> piece, EncodingSession session)
    {
        var ids = new int[piece.Length];
        var lengths = new int[piece.Length];
        for (int i = 0; i < ids.Length; i++)
            (ids[i], lengths[i]) = (_byteTokens[piece[i]], 1);

        int count = ((PairMerger)session.Workspace!).Merge(ids, lengths);
        for (int i = 0; i < count; i++)
            session.Add(ids[i], lengths[i]);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteNull("unk_token");
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", _takesWholePieces);
        writer.WriteStartObject("vocab");
        for (int id = 0; id < _tokens.Length; id++)
        {
            if (_tokens[id] is { } token)
                writer.WriteNumber(ByteAlphabet.Write(token), id);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (Merge merge in _merges)
            writer.WriteStringValue($"{ByteAlphabet.Write(_tokens[merge.Left])} {ByteAlphabet.Write(_tokens[merge.Right])}");

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
