using System.Buffers;
using System.Text;
using Inkling.Text.Splitting;

namespace Inkling.Text;

/// <summary>Finds added tokens in a text.</summary>
internal sealed class AddedTokenFinder
{
    private readonly AddedToken[] _tokens;
    private readonly ByteTrie _trie;
    private readonly SearchValues<byte> _firstBytes;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">None of them empty.</param>
    public AddedTokenFinder(IEnumerable<AddedToken> tokens)
    {
        _tokens = [.. tokens];
        (byte[] Key, int)[] entries = [.. _tokens.Select((token, index) => (Encoding.UTF8.GetBytes(token.Content), index))];
        _trie = new ByteTrie(entries);
        _firstBytes = SearchValues.Create([.. entries.Select(entry => entry.Key[0]).Distinct()]);
    }

    /// <summary>Whether there is nothing to find.</summary>
    public bool IsEmpty => _tokens.Length == 0;

    /// <summary>Finds the first added token; of several at one place the longest.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="start">Where the token begins, with the white space that it swallows.</param>
    /// <param name="end">Where it ends.</param>
    public AddedToken? Find(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        for (int at = from; at < text.Length; at++)
        {
            int skipped = text[at..].IndexOfAny(_firstBytes);
            if (skipped < 0)
                break;

            at += skipped;
            int index = _trie.LongestMatch(text[at..], out int length);
            if (index == ByteTrie.None)
                continue;

            AddedToken token = _tokens[index];
            (start, end) = (at, at + length);
            if (token.IsSingleWord && (IsWordBefore(text, start) || IsWordAfter(text, end)))
                continue;

            while (token.StripsLeft && start > from && WhiteSpaceBefore(text, start) is > 0 and var before && start - before >= from)
                start -= before;

            while (token.StripsRight && WhiteSpaceAfter(text, end) is > 0 and var after)
                end += after;

            return token;
        }

        start = end = text.Length;
        return null;
    }

    private static bool IsWordBefore(ReadOnlySpan<byte> text, int at) =>
        Rune.DecodeLastFromUtf8(text[..at], out Rune rune, out _) == OperationStatus.Done && WordCharacters.IsWord(rune);

    private static bool IsWordAfter(ReadOnlySpan<byte> text, int at) =>
        Rune.DecodeFromUtf8(text[at..], out Rune rune, out _) == OperationStatus.Done && WordCharacters.IsWord(rune);

    private static int WhiteSpaceBefore(ReadOnlySpan<byte> text, int at) =>
        Rune.DecodeLastFromUtf8(text[..at], out Rune rune, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(rune) ? length : 0;

    private static int WhiteSpaceAfter(ReadOnlySpan<byte> text, int at) =>
        Rune.DecodeFromUtf8(text[at..], out Rune rune, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(rune) ? length : 0;
}
