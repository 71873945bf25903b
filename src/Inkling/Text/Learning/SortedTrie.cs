namespace Inkling.Text.Learning;

/// <summary>
/// A map from byte strings to their places in a sorted list, walked byte by byte. The children of a node lie side by side, so that it takes nine bytes for
/// a node and is made in one pass.
/// </summary>
internal sealed class SortedTrie
{
    /// <summary>No such node, or no string at it.</summary>
    public const int None = -1;

    // So few children are looked through faster one by one than by a call.
    private const int FewChildren = 8;

    private readonly byte[] _labels;
    private readonly Node[] _nodes;
    private readonly int[] _rootChildren = new int[256];

    /// <summary>Builds the map.</summary>
    /// <param name="bytes">Where the strings lie.</param>
    /// <param name="pieces">The strings, in the order of their bytes, no two equal, none empty.</param>
    public SortedTrie(ReadOnlySpan<byte> bytes, IReadOnlyList<UnigramPiece> pieces)
    {
        (List<byte> labels, List<Node> nodes) = ([0], []);
        var ranges = new List<(int From, int To, int Depth)> { (0, pieces.Count, 0) };
        for (int node = 0; node < ranges.Count; node++)
        {
            (int from, int to, int depth) = ranges[node];
            bool endsHere = from < to && pieces[from].Length == depth;
            nodes.Add(new Node(endsHere ? from++ : None, ranges.Count));
            while (from < to)
            {
                byte label = bytes[pieces[from].Start + depth];
                int next = from + 1;
                while (next < to && bytes[pieces[next].Start + depth] == label)
                    next++;

                labels.Add(label);
                ranges.Add((from, next, depth + 1));
                from = next;
            }
        }

        nodes.Add(new Node(None, ranges.Count));
        (_labels, _nodes) = ([.. labels], [.. nodes]);
        Array.Fill(_rootChildren, None);
        for (int child = _nodes[0].FirstChild; child < _nodes[1].FirstChild; child++)
            _rootChildren[_labels[child]] = child;
    }

    /// <summary>The node of a string of one byte, or <see cref="None"/>.</summary>
    public int Begin(byte first) => _rootChildren[first];

    /// <summary>The node one byte further, or <see cref="None"/>.</summary>
    public int Step(int node, byte next)
    {
        int first = _nodes[node].FirstChild;
        ReadOnlySpan<byte> labels = _labels.AsSpan(first, _nodes[node + 1].FirstChild - first);
        if (labels.Length > FewChildren)
            return labels.IndexOf(next) is >= 0 and var child ? first + child : None;

        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == next)
                return first + i;
        }

        return None;
    }

    /// <summary>The place of the string that ends at a node, or <see cref="None"/>.</summary>
    public int ValueAt(int node) => _nodes[node].Value;

    // The children end where those of the next node begin.
    private readonly record struct Node(int Value, int FirstChild);
}
