namespace Inkling.Text.Splitting;

/// <summary>Makes pieces of a text from the matches of a pattern.</summary>
internal static class PieceAssembly
{
    private static readonly Dictionary<string, SplitBehavior> Names = new()
    {
        ["Removed"] = SplitBehavior.Removed,
        ["Isolated"] = SplitBehavior.Isolated,
        ["MergedWithPrevious"] = SplitBehavior.MergedWithPrevious,
        ["MergedWithNext"] = SplitBehavior.MergedWithNext,
        ["Contiguous"] = SplitBehavior.Contiguous,
    };

    /// <summary>Replaces the matches in a list by the pieces.</summary>
    /// <param name="length">Of the text, in bytes.</param>
    /// <param name="ranges">The matches in order, which may be empty: such a one separates; the pieces afterwards.</param>
    /// <param name="behavior">What becomes of a match.</param>
    /// <param name="inverts">What the pattern does not match counts as matched, and the other way round.</param>
    public static void Assemble(int length, List<ByteRange> ranges, SplitBehavior behavior, bool inverts)
    {
        int matchCount = ranges.Count;
        var run = new Run(ranges, behavior);
        int at = 0;
        for (int i = 0; i < matchCount; i++)
        {
            ByteRange match = ranges[i];
            if (match.Start > at)
                run.Add(new ByteRange(at, match.Start), inverts);

            run.Add(match, !inverts);
            at = match.End;
        }

        if (at < length)
            run.Add(new ByteRange(at, length), inverts);

        run.End();
        ranges.RemoveRange(0, matchCount);
        ranges.RemoveAll(range => range.IsEmpty);
    }

    /// <summary>The behaviour that a file names.</summary>
    public static SplitBehavior Read(HuggingFace.JsonPart part) =>
        Names.TryGetValue(part.Text(), out SplitBehavior behavior)
            ? behavior
            : throw part.Error($"split behavior {Quoted.Text(part.Text())} is not among {string.Join(", ", Names.Keys)}");

    /// <summary>Appends pieces behind the matches.</summary>
    private sealed class Run(List<ByteRange> pieces, SplitBehavior behavior)
    {
        private ByteRange? _last; // not yet a piece: what follows may be joined to it
        private bool _lastIsMatch;
        private bool _joinsNext;

        public void Add(ByteRange range, bool isMatch)
        {
            switch (behavior)
            {
                case SplitBehavior.Removed when isMatch:
                    return;

                // A match joins what is before it where that is no match, and nothing joins the two.
                case SplitBehavior.MergedWithPrevious when isMatch && !_lastIsMatch && _last is { } last:
                    _last = last with { End = range.End };
                    break;

                case SplitBehavior.Contiguous when isMatch == _lastIsMatch && _last is { } last:
                    _last = last with { End = range.End };
                    break;

                case SplitBehavior.MergedWithNext when !isMatch && _joinsNext:
                    _last = _last!.Value with { End = range.End };
                    break;

                default:
                    End();
                    _last = range;
                    break;
            }

            _joinsNext = isMatch;
            _lastIsMatch = isMatch;
        }

        public void End()
        {
            if (_last is { } last)
                pieces.Add(last);

            _last = null;
        }
    }
}
