using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>
/// Machine code in pages of its own: written first, made executable then, never both. Linux on x86-64 only, because the code follows its calling
/// convention.
/// </summary>
internal sealed unsafe partial class MachineCode : IDisposable
{
    private const int Readable = 1;
    private const int Writable = 2;
    private const int Executable = 4;
    private const int PrivateAnonymous = 0x22;

    private readonly nuint _size;
    private nint _start;

    /// <summary>Maps code into memory and makes it executable.</summary>
    /// <exception cref="PlatformNotSupportedException">Another system or processor.</exception>
    /// <exception cref="Win32Exception">The system refused; some forbid memory that was written to be executed.</exception>
    public MachineCode(ReadOnlySpan<byte> code)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException($"machine code is made for Linux on x86-64 only, this is {RuntimeInformation.RuntimeIdentifier}");
        }

        _size = (nuint)code.Length;
        _start = Map(0, _size, Readable | Writable, PrivateAnonymous, -1, 0);
        if (_start == -1)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        code.CopyTo(new Span<byte>((void*)_start, code.Length));
        if (Protect(_start, _size, Readable | Executable) != 0)
        {
            var error = new Win32Exception(Marshal.GetLastPInvokeError());
            Dispose();
            throw error;
        }
    }

    /// <summary>Whether this is the system and the processor that the code is made for.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Address of the code at an offset.</summary>
    public void* this[int offset] => (void*)(_start + offset);

    public void Dispose()
    {
        if (_start is not (0 or -1))
        {
            _ = Unmap(_start, _size);
            _start = 0;
        }

        GC.SuppressFinalize(this);
    }

    ~MachineCode() => Dispose();

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint size, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint size);
}
