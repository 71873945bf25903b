using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <summary>
/// Pages of 2 MB instead of 4 KB: a training step walks through more memory than the processor knows the small pages of. Where the system gives
/// them on request only ("madvise", the usual setting of Linux), this is the request; elsewhere nothing happens.
/// </summary>
internal static unsafe partial class LargePages
{
    private const nuint PageBytes = 2 << 20;
    private const int HugePages = 14;

    /// <summary>Asks for large pages in a piece of memory, as far as they lie in it whole.</summary>
    public static void Request(void* start, nuint byteCount)
    {
        var from = ((nuint)start + PageBytes - 1) / PageBytes * PageBytes;
        var to = ((nuint)start + byteCount) / PageBytes * PageBytes;
        if (OperatingSystem.IsLinux() && to > from)
        {
            // A refusal changes nothing but speed.
            _ = Advise(from, to - from, HugePages);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint byteCount, int advice);
}
