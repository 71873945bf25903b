using System.Text;

namespace Inkling.Cli;

/// <summary>Where a command reads and writes; tests hand it memory.</summary>
/// <param name="Input">Standard input, as bytes.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Whether somebody watches <paramref name="Output"/> on a terminal that can redraw a line.</param>
internal sealed record Streams(Stream Input, TextWriter Output, TextWriter Error, bool IsTerminal)
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Those of this process: UTF-8 everywhere, and written at once.</summary>
    public static Streams OfProcess()
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding;
        }

        return new Streams(
            Console.OpenStandardInput(),
            Open(Console.OpenStandardOutput()),
            Open(Console.OpenStandardError()),
            !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb");

        static StreamWriter Open(Stream stream) => new(stream, Encoding) { AutoFlush = true };
    }
}
