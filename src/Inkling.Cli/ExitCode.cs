namespace Inkling.Cli;

/// <summary>What the command says to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;

    // A signal's number above 128, as shells do.
    public const int Interrupted = 130;
    public const int ClosedPipe = 141;
    public const int Terminated = 143;
}
