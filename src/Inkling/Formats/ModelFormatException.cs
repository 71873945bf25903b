using System.Text.Json;
using Inkling.Text;

namespace Inkling.Formats;

/// <summary>Says what is wrong with a file of a model or a checkpoint, and where in the file.</summary>
public sealed class ModelFormatException : FormatException
{
    internal ModelFormatException(string file, string problem, string? location = null, Exception? cause = null)
        : base(location is null ? $"{file}: {problem}" : $"{file}, {location}: {problem}", cause)
        => (File, Location, Problem) = (file, location, location is null ? problem : $"{location}: {problem}");

    /// <summary>Path of the file, or of the folder where that is what is wrong.</summary>
    public string File { get; }

    /// <summary>A tensor, a JSON path or a byte; null where the whole file is meant.</summary>
    public string? Location { get; }

    /// <summary>The message without the file.</summary>
    public string Problem { get; }

    internal static ModelFormatException Json(string file, JsonException cause)
    {
        // The message may quote the rest of the file, line ends and all, and repeats the place behind one of these words.
        var problem = cause.Message.Split([" Path: ", " LineNumber:"], StringSplitOptions.None)[0];
        var location = cause.LineNumber is { } line ? $"line {line + 1}, byte {cause.BytePositionInLine + 1}" : cause.Path;
        return new ModelFormatException(file, Quoted.Shorten(string.Concat(problem.Select(c => char.IsControl(c) ? ' ' : c)), 160), location, cause);
    }

    /// <summary>Text from a file as messages show it: short and on one line.</summary>
    internal static string Quote(string text) => Quoted.Text(text, mostLength: 60);
}
