namespace Inkling.Text.Learning;

/// <summary>All ways to cut one word into pieces. It keeps its memory from word to word, so it belongs to one thread.</summary>
/// <param name="trie">The pieces.</param>
/// <param name="scores">The logarithms of their probabilities.</param>
/// <param name="probabilities">Their probabilities.</param>
internal sealed class WordLattice(SortedTrie trie, double[] scores, double[] probabilities)
{
    // Less is computed with logarithms: what a product loses that becomes too small for a double is then still nothing beside it.
    private const double LeastProduct = 1e-270;

    // Edges in the order of where they begin; those that end at one place are linked from the last to the first.
    private Edge[] _edges = new Edge[64];
    private int _edgeCount;
    private int[] _before = [];
    private int[] _lastInto = [];
    private double[] _forward = [];
    private double[] _backward = [];
    private int[] _best = [];

    /// <summary>Adds to each piece how often it stands in the word, in the mean over all ways weighted by their probability.</summary>
    /// <param name="word">The word; its characters are pieces.</param>
    /// <param name="count">How often the word is seen.</param>
    /// <param name="expected">The sums, by piece.</param>
    public void AddExpected(ReadOnlySpan<byte> word, double count, long[] expected)
    {
        Find(word);
        ReadOnlySpan<Edge> edges = _edges.AsSpan(0, _edgeCount);
        Span<double> forward = _forward.AsSpan(0, word.Length + 1);
        forward.Clear();
        forward[0] = 1;
        foreach (ref readonly Edge edge in edges)
            forward[edge.End] += forward[edge.Start] * probabilities[edge.Piece];

        double total = forward[^1];
        if (total < LeastProduct)
        {
            AddExpectedByLogarithms(word, count, expected);
            return;
        }

        Span<double> backward = _backward.AsSpan(0, word.Length + 1);
        backward.Clear();
        backward[^1] = 1;
        for (int i = edges.Length - 1; i >= 0; i--)
        {
            ref readonly Edge edge = ref edges[i];
            double after = probabilities[edge.Piece] * backward[edge.End];
            backward[edge.Start] += after;

            // Divided first: the product of two small numbers may be too small.
            expected[edge.Piece] += (long)Math.Round(count * (forward[edge.Start] / total * after));
        }
    }

    private void AddExpectedByLogarithms(ReadOnlySpan<byte> word, double count, long[] expected)
    {
        Link(word.Length);
        _forward[0] = 0;
        for (int end = 1; end <= word.Length; end++)
            _forward[end] = SumInto(end);

        double total = _forward[word.Length];
        _backward.AsSpan(0, word.Length + 1).Fill(double.NegativeInfinity);
        _backward[word.Length] = 0;
        int last = _edgeCount - 1;
        for (int start = word.Length - 1; start >= 0; start--)
        {
            int first = last;
            while (first >= 0 && _edges[first].Start == start)
                first--;

            _backward[start] = SumFrom(first + 1, last + 1);
            last = first;
        }

        foreach (ref readonly Edge edge in _edges.AsSpan(0, _edgeCount))
        {
            double share = Math.Exp(_forward[edge.Start] + scores[edge.Piece] + _backward[edge.End] - total);
            expected[edge.Piece] += (long)Math.Round(count * share);
        }
    }

    /// <summary>Finds the most probable way.</summary>
    /// <param name="word">The word; its characters are pieces.</param>
    /// <param name="except">A piece that is not used; <see cref="SortedTrie.None"/> for none.</param>
    /// <param name="pieces">Takes the pieces, from the last to the first.</param>
    /// <returns>The logarithm of its probability; minus infinity where there is no way.</returns>
    public double FindBest(ReadOnlySpan<byte> word, int except, List<int> pieces)
    {
        Find(word);
        pieces.Clear();
        Span<double> scoreOf = _forward.AsSpan(0, word.Length + 1);
        scoreOf.Fill(double.NegativeInfinity);
        scoreOf[0] = 0;
        for (int i = 0; i < _edgeCount; i++)
        {
            ref readonly Edge edge = ref _edges[i];
            double score = scoreOf[edge.Start] + scores[edge.Piece];
            if (edge.Piece != except && score > scoreOf[edge.End])
                (scoreOf[edge.End], _best[edge.End]) = (score, i);
        }

        if (!double.IsFinite(scoreOf[word.Length]))
            return double.NegativeInfinity;

        for (int end = word.Length; end > 0; end = _edges[_best[end]].Start)
            pieces.Add(_edges[_best[end]].Piece);

        return scoreOf[word.Length];
    }

    private void Find(ReadOnlySpan<byte> word)
    {
        if (_forward.Length <= word.Length)
        {
            int size = Math.Max(64, 2 * (word.Length + 1));
            (_lastInto, _best, _forward, _backward) = (new int[size], new int[size], new double[size], new double[size]);
        }

        _edgeCount = 0;
        for (int start = 0; start < word.Length; start++)
        {
            int node = trie.Begin(word[start]);
            for (int end = start + 1; node != SortedTrie.None; end++)
            {
                if (trie.ValueAt(node) is not SortedTrie.None and var piece)
                    Add(new Edge(start, end, piece));

                node = end < word.Length ? trie.Step(node, word[end]) : SortedTrie.None;
            }
        }
    }

    private void Add(Edge edge)
    {
        if (_edgeCount == _edges.Length)
            Array.Resize(ref _edges, 2 * _edgeCount);

        _edges[_edgeCount++] = edge;
    }

    private void Link(int length)
    {
        if (_before.Length < _edges.Length)
            _before = new int[_edges.Length];

        _lastInto.AsSpan(0, length + 1).Fill(SortedTrie.None);
        for (int i = 0; i < _edgeCount; i++)
            (_before[i], _lastInto[_edges[i].End]) = (_lastInto[_edges[i].End], i);
    }

    // The logarithm of a sum of exponentials; the largest is taken out so that none is too small for a double.
    private double SumInto(int end)
    {
        double most = double.NegativeInfinity;
        for (int i = _lastInto[end]; i >= 0; i = _before[i])
            most = Math.Max(most, _forward[_edges[i].Start] + scores[_edges[i].Piece]);

        int last = _lastInto[end];
        if (last < 0 || _before[last] < 0 || double.IsNegativeInfinity(most))
            return most;

        double sum = 0;
        for (int i = last; i >= 0; i = _before[i])
            sum += Math.Exp(_forward[_edges[i].Start] + scores[_edges[i].Piece] - most);

        return most + Math.Log(sum);
    }

    private double SumFrom(int first, int afterLast)
    {
        double most = double.NegativeInfinity;
        ReadOnlySpan<Edge> edges = _edges.AsSpan(first..afterLast);
        foreach (ref readonly Edge edge in edges)
            most = Math.Max(most, scores[edge.Piece] + _backward[edge.End]);

        if (edges.Length <= 1 || double.IsNegativeInfinity(most))
            return most;

        double sum = 0;
        foreach (ref readonly Edge edge in edges)
            sum += Math.Exp(scores[edge.Piece] + _backward[edge.End] - most);

        return most + Math.Log(sum);
    }

    private readonly record struct Edge(int Start, int End, int Piece);
}
