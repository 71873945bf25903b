namespace Inkling.Data;

/// <summary>Says why a text cannot be trained on: not there, not readable, not UTF-8, or too short.</summary>
public sealed class CorpusException : IOException
{
    internal CorpusException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
