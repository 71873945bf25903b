namespace Inkling.Text.Subwords;

/// <summary>
/// How each token of a byte-pair vocabulary is made: by one last merge of two tokens that are made before it. The way there may be only one, because
/// merging is deterministic, so of several merges that would give a token the others never come about.
/// </summary>
internal sealed class MergeTree
{
    private const int None = -1;

    private readonly MergeTable _table;
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly int[] _rank;

    private MergeTree(MergeTable table, int tokenCount)
    {
        _table = table;
        _left = new int[tokenCount];
        _right = new int[tokenCount];
        _rank = new int[tokenCount];
        Array.Fill(_rank, None);
    }

    /// <summary>Finds out how tokens are made.</summary>
    /// <param name="tokens">The bytes of each id; null for ids that take no part.</param>
    /// <param name="merges">In the order of their ranks. Several may give one token.</param>
    /// <param name="table">The same merges.</param>
    /// <returns>
    /// The tree; null where a merge comes before one that makes a part of it. Training never gives that, and then the order of merges depends on more than
    /// their ranks.
    /// </returns>
    public static MergeTree? TryBuild(byte[]?[] tokens, ReadOnlySpan<Merge> merges, MergeTable table)
    {
        var tree = new MergeTree(table, tokens.Length);
        foreach (Merge merge in merges)
        {
            if (IsMade(merge.Left) && IsMade(merge.Right) && !IsMade(merge.Result) && tree.StandTogether(merge.Left, merge.Right, merge.Rank))
                (tree._left[merge.Result], tree._right[merge.Result], tree._rank[merge.Result]) = (merge.Left, merge.Right, merge.Rank);
        }

        // A merge that waits for a later one to make its part comes at once when that is made, out of turn: unless the token was made before.
        foreach (Merge merge in merges)
        {
            bool isTooEarly = merge.Rank <= tree._rank[merge.Left] || merge.Rank <= tree._rank[merge.Right];
            bool isMadeBefore = tree._rank[merge.Result] is not None and var made && made <= merge.Rank;
            if (isTooEarly && !isMadeBefore && IsMade(merge.Left) && IsMade(merge.Right))
                return null;
        }

        return tree;

        bool IsMade(int id) => tokens[id]?.Length == 1 || tree._rank[id] != None;
    }

    /// <summary>The last merge that makes a token; null for single bytes and for tokens that no merges lead to.</summary>
    public Merge? LastMergeOf(int id) => _rank[id] == None ? null : new Merge(_left[id], _right[id], id, _rank[id]);

    /// <summary>Whether two tokens can be neighbours: whether encoding their bytes gives these two and not others.</summary>
    /// <remarks>
    /// Both are unmade again in the opposite order of their merges. At each moment the two parts that touch at the border must not merge, unless one of
    /// them is merged into its token before.
    /// </remarks>
    public bool CanStandTogether(int left, int right) => StandTogether(left, right, MergeTable.NoRank);

    // Until the merges of a rank are made.
    private bool StandTogether(int left, int right, int rank)
    {
        (int leftEnds, int rightEnds) = (rank, rank);
        while (true)
        {
            // Of the same merge at both places, the left one is made first: so it may take a part of the right token, but not of the left one.
            int crossing = _table.RankOf(left, right, out _);
            if (crossing < leftEnds && crossing <= rightEnds && crossing < rank)
                return false;

            if (_rank[left] > _rank[right])
            {
                leftEnds = _rank[left];
                left = _right[left];
            }
            else if (_rank[right] != None)
            {
                rightEnds = _rank[right];
                right = _left[right];
            }
            else
            {
                return true;
            }
        }
    }
}
