// Compiled only to be read by the tests of the reader: each of these is used from below in one way and no other.

namespace Inkling.Tests.Architecture.Fixture.Upper;

internal static class Calculator
{
    public static int Answer() => 42;
}

internal class Machine
{
    public int Size { get; init; }
}

internal struct Point
{
    public int X;
}

internal interface IShape;

internal sealed class BrokenException : Exception;

[AttributeUsage(AttributeTargets.All)]
internal sealed class MarkAttribute : Attribute;
