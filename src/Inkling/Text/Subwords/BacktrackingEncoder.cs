namespace Inkling.Text.Subwords;

/// <summary>
/// Encodes a piece in time that grows with its length alone: takes the longest token that may stand beside the one before, and goes back where none may.
/// A sequence of tokens is the encoding of its text if all its neighbours can stand together. H. van Antwerpen and A. Neubeck, <i>So many tokens, so little
/// time: Introducing a faster, more flexible byte-pair tokenizer</i>, GitHub, 2024.
/// </summary>
internal sealed class BacktrackingEncoder
{
    private const int None = -1;

    private readonly MergeTree _tree;
    private readonly ByteTrie _trie;
    private readonly int[] _lengths;
    private readonly int[] _shorter; // the longest shorter token that a token begins with

    /// <summary>Prepares a vocabulary.</summary>
    /// <param name="tokens">The bytes of each id; null for ids that take no part.</param>
    /// <param name="tree">How they are made.</param>
    public BacktrackingEncoder(byte[]?[] tokens, MergeTree tree)
    {
        _tree = tree;
        _lengths = Array.ConvertAll(tokens, token => token?.Length ?? 0);
        var entries = new List<(byte[] Token, int Id)>(tokens.Length);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is { } token && (token.Length == 1 || tree.LastMergeOf(id) is not null))
                entries.Add((token, id));
        }

        _trie = new ByteTrie(entries);
        _shorter = new int[tokens.Length];
        foreach ((byte[] token, int id) in entries)
            _shorter[id] = _trie.LongestMatch(token.AsSpan(0, token.Length - 1), out _);
    }

    /// <summary>Encodes a piece, all of whose bytes are tokens.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="ids">Takes the tokens; as long as the piece.</param>
    /// <param name="memory">Working memory.</param>
    /// <returns>How many tokens.</returns>
    public int Encode(ReadOnlySpan<byte> piece, Span<int> ids, Memory memory)
    {
        // Places that no sequence of tokens leads on from.
        Span<ulong> dead = memory.DeadEnds(piece.Length + 1);
        (int count, int at) = (0, 0);
        int token = _trie.LongestMatch(piece, out _);
        while (at < piece.Length)
        {
            int before = count > 0 ? ids[count - 1] : None;
            while (token != None && !(IsOpen(dead, at + _lengths[token]) && (before == None || CanStandTogether(before, token, memory))))
                token = _shorter[token];

            if (token != None)
            {
                ids[count++] = token;
                at += _lengths[token];
                token = _trie.LongestMatch(piece[at..], out _);
            }
            else
            {
                dead[at >> 6] |= 1UL << at;
                token = ids[--count];
                at -= _lengths[token];
            }
        }

        return count;
    }

    private static bool IsOpen(ReadOnlySpan<ulong> dead, int at) => (dead[at >> 6] >> at & 1) == 0;

    private bool CanStandTogether(int left, int right, Memory memory)
    {
        ref Memory.Answer answer = ref memory.AnswerOf(left, right, out long pair);
        if (answer.Pair != pair)
            answer = new Memory.Answer(pair, _tree.CanStandTogether(left, right));

        return answer.IsYes;
    }

    /// <summary>What an encoder works in; belongs to one thread at a time.</summary>
    internal sealed class Memory
    {
        private const int AnswerBits = 12;

        private readonly Answer[] _answers = new Answer[1 << AnswerBits];
        private ulong[] _dead = [];

        /// <summary>A bit for each place, none of them set.</summary>
        public Span<ulong> DeadEnds(int count)
        {
            int words = (count >> 6) + 1;
            if (_dead.Length < words)
                _dead = new ulong[words];

            Span<ulong> dead = _dead.AsSpan(0, words);
            dead.Clear();
            return dead;
        }

        /// <summary>Where the last answer for such a pair is.</summary>
        public ref Answer AnswerOf(int left, int right, out long pair)
        {
            pair = ((long)left << 32 | (uint)right) + 1; // 0 is an empty place
            return ref _answers[(ulong)pair * 0x9E3779B97F4A7C15 >> (64 - AnswerBits)];
        }

        internal readonly record struct Answer(long Pair, bool IsYes);
    }
}
