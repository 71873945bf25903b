using Inkling.Text.Splitting;

namespace Inkling.Tests.Text.Learning;

/// <summary>Learns merges as the definition says: counts every pair of every piece anew for each merge.</summary>
internal static class NaiveBytePairs
{
    private const int LongestToken = 512;

    /// <summary>The merges, at most <paramref name="mergeCount"/> of them, the bytes of all tokens, and what the text has become.</summary>
    public static (List<(int Left, int Right)> Merges, List<byte[]> Tokens, int[] Text) Learn(
        byte[] text, SplitPattern pattern, int mergeCount, long minimumCount = 2, params byte[][] reserved)
    {
        List<List<int>> pieces = [];
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = pattern.Next(text, ref start);
            pieces.Add([.. text[start..end].Select(value => (int)value)]);
        }

        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        HashSet<string> known = [.. tokens.Concat(reserved).Select(Convert.ToHexString)];
        List<(int Left, int Right)> merges = [];
        while (merges.Count < mergeCount && Best(pieces, tokens, known, minimumCount) is { } best)
        {
            byte[] bytes = [.. tokens[best.Left], .. tokens[best.Right]];
            known.Add(Convert.ToHexString(bytes));
            tokens.Add(bytes);
            merges.Add(best);
            foreach (List<int> piece in pieces)
                Merge(piece, best, tokens.Count - 1);
        }

        return (merges, tokens, [.. pieces.SelectMany(piece => piece)]);
    }

    private static (int Left, int Right)? Best(List<List<int>> pieces, List<byte[]> tokens, HashSet<string> known, long minimumCount)
    {
        var counts = new Dictionary<(int Left, int Right), long>();
        foreach (List<int> piece in pieces)
        {
            for (int i = 0; i + 1 < piece.Count; i++)
                counts[(piece[i], piece[i + 1])] = counts.GetValueOrDefault((piece[i], piece[i + 1])) + 1;
        }

        return counts
            .Where(pair => pair.Value >= minimumCount)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
            .Select(pair => pair.Key)
            .Where(pair => tokens[pair.Left].Length + tokens[pair.Right].Length <= LongestToken)
            .Where(pair => !known.Contains(Convert.ToHexString([.. tokens[pair.Left], .. tokens[pair.Right]])))
            .Cast<(int, int)?>()
            .FirstOrDefault();
    }

    private static void Merge(List<int> piece, (int Left, int Right) pair, int token)
    {
        for (int i = 0; i + 1 < piece.Count; i++)
        {
            if ((piece[i], piece[i + 1]) == pair)
            {
                piece[i] = token;
                piece.RemoveAt(i + 1);
            }
        }
    }
}
