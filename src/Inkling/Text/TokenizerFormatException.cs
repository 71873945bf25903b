namespace Inkling.Text;

/// <summary>Says what is wrong with a tokenizer file, and where in the file.</summary>
public sealed class TokenizerFormatException : FormatException
{
    internal TokenizerFormatException(string fileKind, string location, string problem)
        : base($"{fileKind}, {location}: {problem}") => Location = location;

    /// <summary>A JSON path such as <c>$.model.vocab</c>, a line, or a byte.</summary>
    public string Location { get; }
}
