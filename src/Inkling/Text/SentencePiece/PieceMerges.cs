using System.Buffers;
using System.Text;
using Inkling.Text.Subwords;

namespace Inkling.Text.SentencePiece;

/// <summary>
/// Makes the merges of a SentencePiece BPE model, whose file lists pieces and no merges: any two neighbours become one if together they are a piece, first
/// those whose piece has the greatest score.
/// </summary>
internal sealed class PieceMerges
{
    // A character that is no piece. It gets an id only where it takes part in a merge.
    private const int NewCharacter = -2;

    private readonly VocabularyPiece[] _pieces;
    private readonly ByteTrie _forward;
    private readonly ByteTrie _backward;
    private readonly HashSet<string> _userDefined;
    private readonly Dictionary<Rune, int> _extra = [];
    private readonly List<Rune> _extraCharacters = [];
    private readonly List<Merge> _merges = [];

    private PieceMerges(VocabularyPiece[] pieces)
    {
        _pieces = pieces;
        _userDefined = [.. pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text)];
        var entries = new List<(byte[] Key, int Value)>();
        for (int id = 0; id < pieces.Length; id++)
        {
            if (IsMergeable(pieces[id]))
                entries.Add((Encoding.UTF8.GetBytes(pieces[id].Text), id));
        }

        _forward = new ByteTrie(entries);
        foreach ((byte[] key, _) in entries)
            Array.Reverse(key);

        _backward = new ByteTrie(entries);
    }

    /// <summary>Finds every way in which a piece can come of two parts that can themselves come about.</summary>
    /// <param name="pieces">In the order of their ids.</param>
    /// <returns>The merges in the order of their ranks, and the characters in them that are no pieces.</returns>
    public static (Merge[] Merges, IReadOnlyList<Rune> ExtraCharacters) Find(VocabularyPiece[] pieces)
    {
        var finder = new PieceMerges(pieces);
        (int rank, float last) = (-1, float.NaN);
        foreach (int id in Enumerable.Range(0, pieces.Length).Where(id => IsMergeable(pieces[id])).OrderByDescending(id => pieces[id].Score))
        {
            if (pieces[id].Score != last) // equal scores: the leftmost first
                (rank, last) = (rank + 1, pieces[id].Score);

            finder.AddMerges(id, rank);
        }

        return ([.. finder._merges], finder._extraCharacters);
    }

    // A user-defined piece is found before anything merges, and a longer one around it too.
    private static bool IsMergeable(VocabularyPiece piece) => piece.Kind is PieceKind.Normal or PieceKind.Unused;

    private void AddMerges(int id, int rank)
    {
        byte[] text = Encoding.UTF8.GetBytes(_pieces[id].Text);
        var rights = new int[text.Length];
        for (int at = text.Length - 1, node = ByteTrie.Root; at > 0; at--)
        {
            node = node == ByteTrie.None ? node : _backward.Step(node, text[at]);
            rights[at] = PieceAt(_backward, node, text.AsSpan(at));
        }

        for (int at = 1, node = ByteTrie.Root; at < text.Length; at++)
        {
            node = node == ByteTrie.None ? node : _forward.Step(node, text[at - 1]);
            if ((text[at] & 0xC0) == 0x80)
                continue;

            int left = PieceAt(_forward, node, text.AsSpan(0, at));
            if (left != PieceVocabulary.None && rights[at] != PieceVocabulary.None)
                _merges.Add(new Merge(IdOf(left, text.AsSpan(0, at)), IdOf(rights[at], text.AsSpan(at)), id, rank));
        }
    }

    private int PieceAt(ByteTrie trie, int node, ReadOnlySpan<byte> text)
    {
        if (node != ByteTrie.None && trie.ValueAt(node) is var id and not ByteTrie.None)
            return id;

        bool isCharacter = Rune.DecodeFromUtf8(text, out Rune character, out int length) == OperationStatus.Done && length == text.Length;
        return isCharacter && !_userDefined.Contains(character.ToString()) ? NewCharacter : PieceVocabulary.None;
    }

    private int IdOf(int id, ReadOnlySpan<byte> text)
    {
        if (id != NewCharacter)
            return id;

        Rune.DecodeFromUtf8(text, out Rune character, out _);
        if (!_extra.TryGetValue(character, out id))
        {
            _extra[character] = id = _pieces.Length + _extraCharacters.Count;
            _extraCharacters.Add(character);
        }

        return id;
    }
}
