using System.Runtime.InteropServices;

namespace Inkling.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into a request to end. However often they come, they end nothing by themselves.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    public Interruption()
        => _registrations = [Register(PosixSignal.SIGINT, ExitCode.Interrupted), Register(PosixSignal.SIGTERM, ExitCode.Terminated)];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit code that the first signal asks for; success without one.</summary>
    public int RequestedExitCode => _exitCode;

    // The source stays: a signal that is just arriving may still cancel it.
    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private PosixSignalRegistration Register(PosixSignal signal, int exitCode) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, ExitCode.Success) == ExitCode.Success)
        {
            _source.Cancel();
        }
    });
}
