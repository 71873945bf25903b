namespace Inkling.Text;

/// <summary>Says what is wrong with a tokenizer file, and where in the file.</summary>
public sealed class TokenizerFormatException : FormatException
{
    internal TokenizerFormatException(string fileKind, string location, string problem)
        : base($"{fileKind}, {location}: {problem}") => (FileKind, Location, Problem) = (fileKind, location, problem);

    /// <summary>What kind of file it is, by its usual name, such as <c>tokenizer.json</c>.</summary>
    public string FileKind { get; }

    /// <summary>A JSON path such as <c>$.model.vocab</c>, a line and byte of a text, or a byte where the file is not text.</summary>
    public string Location { get; }

    /// <summary>The message without the file and the place.</summary>
    public string Problem { get; }
}
