namespace Inkling.Training;

/// <summary>Says why a folder cannot take a run.</summary>
public sealed class RunFolderException : IOException
{
    internal RunFolderException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
