namespace Inkling.Cli;

/// <summary>The command was asked for something it cannot do: one line, exit code 2.</summary>
internal sealed class UsageException(string message, Exception? cause = null) : Exception(message, cause);
