namespace Inkling.Text;

/// <summary>Says what is wrong with a tokenizer file, and where in the file.</summary>
public sealed class TokenizerFormatException : FormatException
{
    internal TokenizerFormatException(string location, string problem)
        : base($"tokenizer.json, {location}: {problem}") => Location = location;

    /// <summary>A JSON path such as <c>$.model.vocab</c>, or a line and byte where the file is not JSON.</summary>
    public string Location { get; }
}
