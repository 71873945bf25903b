namespace Inkling.Cli;

/// <summary>The command was right, but what it asked for did not work: one line, exit code 1.</summary>
internal sealed class FailureException(string message) : Exception(message);
