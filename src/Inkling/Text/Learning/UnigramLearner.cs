using System.Runtime.ExceptionServices;
using System.Text;

namespace Inkling.Text.Learning;

/// <summary>
/// Learns pieces and their probabilities: from many candidates, whose probabilities are estimated by expectation and maximisation, those are dropped
/// whose loss lowers the probability of the text least. Kudo, <i>Subword Regularization</i>, 2018; the details as in SentencePiece.
/// </summary>
internal sealed class UnigramLearner
{
    // As SentencePiece has them: candidates, how far above the wanted size the pruning ends, and how often a piece must be expected.
    private const int MaximumSeedCount = 1_000_000;
    private const double MarginFactor = 1.1;
    private const double LeastExpected = 0.5;

    // Words, or pieces, that a thread takes at once.
    private const int ChunkSize = 1_024;

    private readonly UnigramWords _words;
    private readonly UnigramTrainingOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly double _unit;
    private List<UnigramPiece> _pieces;
    private double[] _scores;
    private SortedTrie _trie;

    /// <summary>Finds the candidates.</summary>
    public UnigramLearner(UnigramWords words, UnigramTrainingOptions options, CancellationToken cancellation)
    {
        (_words, _options, _cancellation) = (words, options, cancellation);
        List<UnigramPiece> seeds = SeedPieces.Find(words, options.MaximumPieceLength, MaximumSeedCount);
        foreach (string token in options.ControlTokens.Append(options.UnknownToken))
        {
            // Text that spells the token could not be told from it.
            byte[] bytes = Encoding.UTF8.GetBytes(token.Replace('\u2581', ' '));
            seeds.RemoveAll(seed => BytesOf(seed).SequenceEqual(bytes));
        }

        _pieces = [.. Characters(), .. seeds];
        _pieces.Sort((left, right) => BytesOf(left).SequenceCompareTo(BytesOf(right)));
        double total = _pieces.Sum(piece => (double)piece.Weight);
        _scores = [.. _pieces.Select(piece => Math.Log(piece.Weight / total))];
        _trie = new SortedTrie(words.Bytes, _pieces);

        // Expected counts are added up as whole numbers of a small unit, so that the order in which threads add them changes nothing. There cannot be
        // more than this many of them together.
        double most = 1;
        for (int word = 0; word < words.Count; word++)
            most += (double)words.CountOf(word) * (words[word].Length + 1);

        _unit = Math.Pow(2, Math.Min(40, 61 - Math.Ceiling(Math.Log2(most))));
    }

    /// <summary>How many pieces there are.</summary>
    public int Count => _pieces.Count;

    /// <summary>Estimates the probabilities anew, and drops pieces that are not needed.</summary>
    public void Estimate()
    {
        for (int i = 0; i < _options.EstimateCount; i++)
        {
            long[] expected = new long[_pieces.Count];
            ForEach(_words.Count, expected, (word, worker) => worker.Lattice.AddExpected(_words[word], _words.CountOf(word) * _unit, worker.Sums));
            Maximize(expected);
        }
    }

    /// <summary>Whether there are still more pieces than the last cut is for.</summary>
    public bool IsLargerThan(int wanted) => _pieces.Count > Math.Max(wanted * MarginFactor, CharacterCount);

    /// <summary>Drops the pieces without which the text would lose least.</summary>
    public void Prune(int wanted)
    {
        long[] counts = new long[_pieces.Count];
        ForEach(_words.Count, counts, (word, worker) =>
        {
            worker.Lattice.FindBest(_words[word], SortedTrie.None, worker.Path);
            foreach (int piece in worker.Path)
                worker.Sums[piece] += _words.CountOf(word);
        });
        double total = counts.Sum(count => (double)count);
        double[] losses = new double[_pieces.Count];
        ForEach(_pieces.Count, [], (piece, worker) => losses[piece] = LossWithout(piece, counts, total, worker));

        int size = Math.Max((int)(wanted * MarginFactor), (int)(_options.ShrinkingFactor * _pieces.Count));
        int[] order = [.. Enumerable.Range(0, losses.Length).Where(piece => losses[piece] > double.NegativeInfinity)];
        Array.Sort(order, (left, right) => losses[left] != losses[right] ? losses[right].CompareTo(losses[left]) : left.CompareTo(right));
        bool[] stays = new bool[losses.Length];
        foreach (int piece in order.AsSpan(0, Math.Min(order.Length, size)))
            stays[piece] = true;

        Keep(piece => stays[piece] || _pieces[piece].IsCharacter, _scores);
    }

    /// <summary>The characters and the most probable other pieces, the most probable first; of equal ones in the order of their bytes.</summary>
    public List<(byte[] Bytes, double Score)> Best(int wanted)
    {
        int[] order = [.. Enumerable.Range(0, _pieces.Count)];
        Array.Sort(order, (left, right) => _scores[left] != _scores[right] ? _scores[right].CompareTo(_scores[left]) : left.CompareTo(right));
        int others = wanted - CharacterCount;
        var best = new List<(byte[], double)>();
        foreach (int piece in order)
        {
            if (_pieces[piece].IsCharacter || others-- > 0)
                best.Add((BytesOf(_pieces[piece]).ToArray(), _scores[piece]));
        }

        return best;
    }

    private int CharacterCount => _words.Characters.Count;

    private ReadOnlySpan<byte> BytesOf(UnigramPiece piece) => _words.Bytes.Slice(piece.Start, piece.Length);

    private IEnumerable<UnigramPiece> Characters() =>
        _words.Characters.Select(found =>
            new UnigramPiece(_words.PlaceOf(found.Character), found.Character.Utf8SequenceLength, IsCharacter: true, found.Count));

    private void Maximize(long[] expected)
    {
        double[] counts = [.. expected.Select(sum => sum / _unit)];
        bool[] stays = [.. counts.Select((count, piece) => count >= LeastExpected || _pieces[piece].IsCharacter)];
        double total = 0;
        for (int piece = 0; piece < counts.Length; piece++)
        {
            counts[piece] = Math.Max(counts[piece], LeastExpected);
            total += stays[piece] ? counts[piece] : 0;
        }

        // Not the logarithm: with it rare pieces become rarer still (variational Bayes with a sparse prior).
        double logTotal = Digamma(total);
        Keep(piece => stays[piece], [.. counts.Select(count => Digamma(count) - logTotal)]);
    }

    // How much less probable the text would be if what the piece stands for were spelled with others; infinite where it cannot be, minus infinity where
    // the piece is of no use.
    private double LossWithout(int piece, long[] counts, double total, Worker worker)
    {
        if (_pieces[piece].IsCharacter)
            return double.PositiveInfinity;

        double other = worker.Lattice.FindBest(BytesOf(_pieces[piece]), piece, worker.Path);
        if (counts[piece] == 0)
            return double.NegativeInfinity;

        if (other > _scores[piece])
            return double.PositiveInfinity; // it is used in spite of a better way: only where sums are rounded

        double count = counts[piece];
        double logWith = Math.Log(count) - Math.Log(total);
        double logWithout = 0;
        double logTotal = Math.Log(total + (count * (worker.Path.Count - 1)));
        foreach (int part in worker.Path)
            logWithout += Math.Log(counts[part] + count) - logTotal;

        return count / total * (logWith - logWithout);
    }

    private void Keep(Func<int, bool> stays, double[] scores)
    {
        int[] kept = [.. Enumerable.Range(0, _pieces.Count).Where(stays)];
        _scores = [.. kept.Select(piece => scores[piece])];
        if (kept.Length == _pieces.Count)
            return;

        _pieces = [.. kept.Select(piece => _pieces[piece])];
        _trie = new SortedTrie(_words.Bytes, _pieces);
    }

    /// <summary>Does something for many items by several threads, each with sums of its own that are added to <paramref name="sums"/> at the end.</summary>
    private void ForEach(int count, long[] sums, Action<int, Worker> action)
    {
        int next = 0;
        try
        {
            Parallel.For(0, _options.ThreadCount, new ParallelOptions { MaxDegreeOfParallelism = _options.ThreadCount }, _ =>
            {
                var worker = new Worker(new WordLattice(_trie, _scores), new long[sums.Length]);
                for (int from; (from = Interlocked.Add(ref next, ChunkSize) - ChunkSize) < count;)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    for (int item = from; item < Math.Min(count, from + ChunkSize); item++)
                        action(item, worker);
                }

                lock (sums)
                {
                    for (int i = 0; i < sums.Length; i++)
                        sums[i] += worker.Sums[i];
                }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    // The derivative of the logarithm of the gamma function: by ψ(x) = ψ(x + 1) − 1/x to where the asymptotic series holds.
    private static double Digamma(double x)
    {
        double shift = 0;
        for (; x < 10; x++)
            shift -= 1 / x;

        double inverse = 1 / (x * x);
        double series = inverse * ((1 / 12.0) - (inverse * ((1 / 120.0) - (inverse * ((1 / 252.0) - (inverse * (1 / 240.0 - inverse / 132.0)))))));
        return shift + Math.Log(x) - (0.5 / x) - series;
    }

    private sealed record Worker(WordLattice Lattice, long[] Sums)
    {
        public List<int> Path { get; } = [];
    }
}
