namespace Inkling.Text.Learning;

/// <summary>
/// A map from byte strings to their places in a sorted list, walked byte by byte. The children of a node lie side by side, so that it takes nine bytes for
/// a node and is made in one pass.
/// </summary>
internal sealed class SortedTrie
{
    /// <summary>No such node, or no string at it.</summary>
    public const int None = -1;

    private readonly byte[] _labels;
    private readonly int[] _values;
    private readonly int[] _firstChildren;
    private readonly int[] _rootChildren = new int[256];

    /// <summary>Builds the map.</summary>
    /// <param name="bytes">Where the strings lie.</param>
    /// <param name="pieces">The strings, in the order of their bytes, no two equal, none empty.</param>
    public SortedTrie(ReadOnlySpan<byte> bytes, IReadOnlyList<UnigramPiece> pieces)
    {
        (List<byte> labels, List<int> values, List<int> firstChildren) = ([0], [], []);
        var ranges = new List<(int From, int To, int Depth)> { (0, pieces.Count, 0) };
        for (int node = 0; node < ranges.Count; node++)
        {
            (int from, int to, int depth) = ranges[node];
            bool endsHere = from < to && pieces[from].Length == depth;
            values.Add(endsHere ? from++ : None);
            firstChildren.Add(ranges.Count);
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

        firstChildren.Add(ranges.Count);
        (_labels, _values, _firstChildren) = ([.. labels], [.. values], [.. firstChildren]);
        Array.Fill(_rootChildren, None);
        for (int child = _firstChildren[0]; child < _firstChildren[1]; child++)
            _rootChildren[_labels[child]] = child;
    }

    /// <summary>The node of a string of one byte, or <see cref="None"/>.</summary>
    public int Begin(byte first) => _rootChildren[first];

    /// <summary>The node one byte further, or <see cref="None"/>.</summary>
    public int Step(int node, byte next)
    {
        int first = _firstChildren[node];
        int child = _labels.AsSpan(first, _firstChildren[node + 1] - first).IndexOf(next);
        return child < 0 ? None : first + child;
    }

    /// <summary>The place of the string that ends at a node, or <see cref="None"/>.</summary>
    public int ValueAt(int node) => _values[node];
}
