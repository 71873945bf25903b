using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>Arguments of the functions that round floats. Pitches are in elements of 4 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Rounding
{
    public float* Source;
    public nint SourcePitch;
    public float* Destination;
    public nint DestinationPitch;

    /// <summary>Rows, or pairs of rows; at least one.</summary>
    public long Count;

    /// <summary>Whole vectors of a row of the destination; or panels, at least one, and then the pitch of the destination is that of panels.</summary>
    public long Vectors;

    /// <summary>
    /// What is left of a row: lanes of the first and the second vector of sources. For rows the third says which lanes are written; for
    /// pairs it says which lanes of the second row there are in whole vectors.
    /// </summary>
    public ulong FirstMask;
    public ulong SecondMask;
    public ulong ThirdMask;

    /// <summary>For pairs: 32 numbers of words, in the order in which those of two rows alternate.</summary>
    public void* Order;

    /// <summary>Where the fields lie, in bytes.</summary>
    internal static class At
    {
        public const int Source = 0;
        public const int SourcePitch = 8;
        public const int Destination = 16;
        public const int DestinationPitch = 24;
        public const int Count = 32;
        public const int Vectors = 40;
        public const int FirstMask = 48;
        public const int SecondMask = 56;
        public const int ThirdMask = 64;
        public const int Order = 72;
    }
}
