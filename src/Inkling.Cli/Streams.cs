using System.Text;
using Inkling.Cli.Screen;
using Microsoft.Win32.SafeHandles;

namespace Inkling.Cli;

/// <summary>Where a command reads and writes; tests hand it memory.</summary>
/// <param name="Input">Standard input, as bytes.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Terminal">What <paramref name="Output"/> can show.</param>
internal sealed record Streams(Stream Input, TextWriter Output, TextWriter Error, Terminal Terminal)
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// Standard output for what is worth nothing unread: writing fails when a pipe's reader has gone, as in <c>inkling generate … | head</c>.
    /// <see cref="Output"/> goes on in silence, as a training must that is about to save.
    /// </summary>
    public TextWriter PipedOutput { get; init; } = Output;

    /// <summary>Those of this process: UTF-8 everywhere, and written at once.</summary>
    public static Streams OfProcess()
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding;
        }

        var output = Open(Console.OpenStandardOutput());
        return new Streams(
            Console.OpenStandardInput(), output, Open(Console.OpenStandardError()), Terminal.OfProcess())
        {
            PipedOutput = OpenOutputPipe() is { } pipe ? Open(pipe) : output,
        };

        static StreamWriter Open(Stream stream) => new(stream, Encoding) { AutoFlush = true };
    }

    /// <summary>Whether an error says that nobody reads what is written.</summary>
    public static bool IsClosedPipe(IOException error)
    {
        const int BrokenPipe = 32; // EPIPE, which is the same on all Unix systems
        return !OperatingSystem.IsWindows() && error.HResult == BrokenPipe;
    }

    /// <summary>
    /// Standard output where it is a pipe, as a file: the console's stream would swallow the error. A regular file has to stay the
    /// console's, since a file stream keeps a position of its own, and what other processes write to it would be overwritten.
    /// </summary>
    private static FileStream? OpenOutputPipe()
    {
        const int StandardOutput = 1;
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return null;
        }

        try
        {
            var file = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return file.CanSeek ? null : file;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null; // closed, or no file: the console's stream knows what to do
        }
    }
}
