using System.Runtime.ExceptionServices;
using System.Text;

namespace Inkling.Text.Learning;

/// <summary>
/// Learns pieces and their probabilities: from many candidates, whose probabilities are estimated by expectation and maximisation, those are dropped
/// whose loss lowers the probability of the text least. Kudo, <i>Subword Regularization</i>, 2018; the details as in SentencePiece.
/// </summary>
internal sealed class UnigramLearner
{
    // As SentencePiece has them: how far above the wanted size the pruning ends, and how often a piece must be expected.
    private const double MarginFactor = 1.1;
    private const double LeastExpected = 0.5;

    // Words, or pieces, that a thread takes at once.
    private const int ChunkSize = 1_024;

    // How often a pass through all words or pieces tells how far it is.
    private const int ReportsPerPass = 16;

    // After the estimates of a round the words are spelled with the pieces, and each piece with others.
    private const int PassesToPrune = 2;

    private readonly UnigramWords _words;
    private readonly UnigramTrainingOptions _options;
    private readonly int _wanted;
    private readonly Action<double, int>? _advanced;
    private readonly CancellationToken _cancellation;
    private readonly double _unit;
    private readonly int _seedCount;
    private List<UnigramPiece> _pieces;
    private double[] _scores = [];
    private double[] _probabilities = [];
    private SortedTrie _trie;
    private int _countAtRound;
    private int _passesOfRound;
    private double _done;

    /// <summary>Takes the candidates.</summary>
    /// <param name="words">The words of the text.</param>
    /// <param name="seeds">Strings of them, as <see cref="SeedPieces"/> finds them.</param>
    /// <param name="options">How to choose.</param>
    /// <param name="advanced">Told how much is done, and how many pieces there are; from several threads but never at once.</param>
    /// <param name="cancellation">Ends the work.</param>
    public UnigramLearner(
        UnigramWords words, List<UnigramPiece> seeds, UnigramTrainingOptions options, Action<double, int>? advanced, CancellationToken cancellation)
    {
        (_words, _options, _advanced, _cancellation) = (words, options, advanced, cancellation);
        _wanted = options.VocabularySize - options.ReservedCount;
        foreach (string token in options.ControlTokens.Append(options.UnknownToken))
        {
            // Text that spells the token could not be told from it.
            byte[] bytes = Encoding.UTF8.GetBytes(token.Replace('\u2581', ' '));
            seeds.RemoveAll(seed => BytesOf(seed).SequenceEqual(bytes));
        }

        _pieces = Merge(seeds);
        _seedCount = _countAtRound = _pieces.Count;
        double total = _pieces.Sum(piece => (double)piece.Weight);
        SetScores([.. _pieces.Select(piece => Math.Log(piece.Weight / total))]);
        _trie = new SortedTrie(words.Bytes, _pieces);

        // Expected counts are added up as whole numbers of a small unit, so that the order in which threads add them changes nothing. There cannot be
        // more than this many of them together.
        double most = 1;
        for (int word = 0; word < words.Count; word++)
            most += (double)words.CountOf(word) * (words[word].Length + 1);

        _unit = Math.Pow(2, Math.Min(40, 61 - Math.Ceiling(Math.Log2(most))));
    }

    /// <summary>Estimates the probabilities and drops pieces, by turns, until there are few enough to take the most probable.</summary>
    /// <returns>The characters and the most probable other pieces, the most probable first; of equal ones in the order of their bytes.</returns>
    public List<(byte[] Bytes, double Score)> Learn()
    {
        for (Estimate(); _pieces.Count > Math.Max(_wanted * MarginFactor, CharacterCount); Estimate())
        {
            Prune();
            (_countAtRound, _passesOfRound) = (_pieces.Count, 0);
        }

        return Best();
    }

    private int CharacterCount => _words.Characters.Count;

    private ReadOnlySpan<byte> BytesOf(UnigramPiece piece) => _words.Bytes.Slice(piece.Start, piece.Length);

    // Characters and seeds in the order of their bytes; that of characters is the order of their numbers.
    private List<UnigramPiece> Merge(List<UnigramPiece> seeds)
    {
        var all = new List<UnigramPiece>(seeds.Count + CharacterCount);
        int next = 0;
        foreach ((Rune character, long count) in _words.Characters.OrderBy(found => found.Character))
        {
            var piece = new UnigramPiece(_words.PlaceOf(character), character.Utf8SequenceLength, IsCharacter: true, count);
            for (; next < seeds.Count && BytesOf(seeds[next]).SequenceCompareTo(BytesOf(piece)) < 0; next++)
                all.Add(seeds[next]);

            all.Add(piece);
        }

        all.AddRange(seeds[next..]);
        return all;
    }

    private void Estimate()
    {
        for (int i = 0; i < _options.EstimateCount; i++)
        {
            long[] expected = new long[_pieces.Count];
            ForEach(_words.Count, expected, (word, worker) => worker.Lattice.AddExpected(_words[word], _words.CountOf(word) * _unit, worker.Sums));
            Maximize(expected);
        }
    }

    // Drops the pieces without which the text would lose least.
    private void Prune()
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

        // Of equal losses the first stay.
        int size = Math.Max((int)(_wanted * MarginFactor), (int)(_options.ShrinkingFactor * _pieces.Count));
        double[] sorted = [.. losses];
        Array.Sort(sorted);
        double least = sorted.Length > size ? sorted[^size] : double.NegativeInfinity;
        int equalCount = size - losses.Count(loss => loss > least);
        bool[] stays = [.. losses.Select((loss, piece) =>
            _pieces[piece].IsCharacter || (loss > double.NegativeInfinity && (loss > least || (loss == least && equalCount-- > 0))))];
        Keep(piece => stays[piece], _scores);
    }

    private List<(byte[] Bytes, double Score)> Best()
    {
        int[] order = [.. Enumerable.Range(0, _pieces.Count)];
        Array.Sort(order, (left, right) => _scores[left] != _scores[right] ? _scores[right].CompareTo(_scores[left]) : left.CompareTo(right));
        int others = _wanted - CharacterCount;
        var best = new List<(byte[], double)>();
        foreach (int piece in order)
        {
            if (_pieces[piece].IsCharacter || others-- > 0)
                best.Add((BytesOf(_pieces[piece]).ToArray(), _scores[piece]));
        }

        return best;
    }

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
        SetScores([.. kept.Select(piece => scores[piece])]);
        if (kept.Length == _pieces.Count)
            return;

        _pieces = [.. kept.Select(piece => _pieces[piece])];
        _trie = new SortedTrie(_words.Bytes, _pieces);
    }

    private void SetScores(double[] scores) => (_scores, _probabilities) = (scores, Array.ConvertAll(scores, Math.Exp));

    /// <summary>Does something for many items by several threads, each with sums of its own that are added to <paramref name="sums"/> at the end.</summary>
    private void ForEach(int count, long[] sums, Action<int, Worker> action)
    {
        int next = 0;
        int reportCount = 0;
        try
        {
            Parallel.For(0, _options.ThreadCount, new ParallelOptions { MaxDegreeOfParallelism = _options.ThreadCount }, _ =>
            {
                var worker = new Worker(new WordLattice(_trie, _scores, _probabilities), new long[sums.Length]);
                for (int from; (from = Interlocked.Add(ref next, ChunkSize) - ChunkSize) < count;)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    for (int item = from; item < Math.Min(count, from + ChunkSize); item++)
                        action(item, worker);

                    lock (sums)
                        Report((double)from / count, ref reportCount);
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

        _passesOfRound++;
    }

    // A round takes away a share, so there are as many as the logarithm says, and one more for the last estimate. The last one may take away less.
    private void Report(double shareOfPass, ref int reportCount)
    {
        if (_advanced is null || shareOfPass * ReportsPerPass < reportCount)
            return;

        reportCount = (int)(shareOfPass * ReportsPerPass) + 1;
        double perRound = -Math.Log(_options.ShrinkingFactor);
        double all = 1 + (Math.Log(_seedCount / Math.Min(_seedCount, _wanted * MarginFactor)) / perRound);
        double done = (Math.Log((double)_seedCount / _countAtRound) / perRound) + ((_passesOfRound + shareOfPass) / (_options.EstimateCount + PassesToPrune));
        _advanced(_done = Math.Clamp(done / all, _done, 1), _pieces.Count);
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
