using Inkling.Formats;

namespace Inkling.Training.Verification;

/// <summary>A file that has been looked at, or should have been there, and all that was found.</summary>
public sealed class VerifiedFile
{
    private readonly List<string> _faults = [];
    private readonly List<string> _notes = [];

    internal VerifiedFile(string path, long? bytes) => (Path, Bytes) = (path, bytes);

    /// <summary>Where it lies in the folder, with slashes.</summary>
    public string Path { get; }

    /// <summary>Its size; null where it is missing.</summary>
    public long? Bytes { get; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>What is worth knowing and not wrong.</summary>
    public IReadOnlyList<string> Notes => _notes;

    internal void AddFault(string fault)
    {
        // Two checks may stumble over the same.
        if (!_faults.Contains(fault))
        {
            _faults.Add(fault);
        }
    }

    internal void AddNote(string note) => _notes.Add(note);

    /// <summary>Does what may fail because of the file: then that is a fault, and the result is null.</summary>
    internal T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ModelFormatException e)
        {
            AddFault(e.Problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AddFault($"cannot be read. {e.Message}");
        }

        return null;
    }
}
