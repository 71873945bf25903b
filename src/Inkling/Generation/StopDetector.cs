namespace Inkling.Generation;

/// <summary>
/// Finds the first of several stop strings in a text that arrives piece by piece, holding back what may be the beginning of one. The stop
/// string that is complete first ends the text, and of those complete at the same character the longest, however the pieces are cut. A
/// detector belongs to one text.
/// </summary>
public sealed class StopDetector
{
    private readonly Search[] _searches;
    private string _held = "";

    /// <summary>Takes the stop strings; none lets every text through.</summary>
    /// <exception cref="ArgumentException">A stop string is empty.</exception>
    public StopDetector(params IEnumerable<string> stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        _searches = [.. stops.Select(stop => new Search(stop))];
    }

    /// <summary>The stop string that ended the text; null as long as there was none.</summary>
    public string? Found { get; private set; }

    /// <summary>Takes more text and gives what of it, and of what was held back, belongs to no stop string. After a stop string nothing does.</summary>
    public string Append(string text)
    {
        if (Found is not null)
        {
            return "";
        }

        var (pending, held) = (_held + text, _held.Length);
        for (var i = 0; i < text.Length && Found is null; i++)
        {
            Found = Advance(text[i]);
            held++;
        }

        var shown = Found is null ? pending.Length - _searches.Select(search => search.MatchedLength).DefaultIfEmpty().Max() : held - Found.Length;
        _held = Found is null ? pending[shown..] : "";
        return pending[..shown];
    }

    /// <summary>Ends the text and gives what was held back: it is no stop string after all.</summary>
    public string Flush()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    /// <summary>Takes a character and gives the longest stop string that ends with it.</summary>
    private string? Advance(char next)
    {
        string? found = null;
        foreach (var search in _searches)
        {
            if (search.Advance(next) && search.Stop.Length > (found?.Length ?? 0))
            {
                found = search.Stop;
            }
        }

        return found;
    }

    /// <summary>
    /// The search for one string, character by character (Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", 1977): after a
    /// mismatch a table names the next shorter beginning of the string that the text still ends with, so no character is looked at again.
    /// </summary>
    private sealed class Search
    {
        // For each beginning of the string, by its last character: the length of the longest shorter beginning that it ends with.
        private readonly int[] _borders;

        public Search(string stop)
        {
            Stop = stop.Length > 0 ? stop : throw new ArgumentException("A stop string is empty; give at least one character.");
            _borders = new int[stop.Length];
            for (var i = 1; i < stop.Length; i++)
            {
                _borders[i] = Extend(_borders[i - 1], stop[i]);
            }
        }

        public string Stop { get; }

        /// <summary>Length of the longest beginning of the string that the text ends with.</summary>
        public int MatchedLength { get; private set; }

        /// <summary>Takes a character and says whether the string is complete.</summary>
        public bool Advance(char next)
        {
            MatchedLength = Extend(MatchedLength, next);
            return MatchedLength == Stop.Length;
        }

        private int Extend(int matched, char next)
        {
            while (matched > 0 && Stop[matched] != next)
            {
                matched = _borders[matched - 1];
            }

            return Stop[matched] == next ? matched + 1 : 0;
        }
    }
}
