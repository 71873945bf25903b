namespace Inkling.Text;

/// <summary>Says that a regular expression of a tokenizer's file needs more time for a text than it is given.</summary>
public sealed class PatternTimeoutException : TimeoutException
{
    internal PatternTimeoutException(string pattern, int byteCount, TimeSpan limit)
        : base($"The regular expression {Quoted.Text(pattern)} was not through {byteCount} bytes of text after {limit.TotalSeconds:0.#} s.") =>
        Pattern = pattern;

    /// <summary>The regular expression as the file has it.</summary>
    public string Pattern { get; }
}
