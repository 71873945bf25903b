// Compiled only to be read by the tests of the reader. Each type but the first uses the layer above in one way and no other.

using Inkling.Tests.Architecture.Fixture.Upper;

namespace Inkling.Tests.Architecture.Fixture.Lower;

[AttributeUsage(AttributeTargets.All)]
internal sealed class AboutAttribute(DayOfWeek day, Type type) : Attribute
{
    public DayOfWeek Day => day;

    public Type Type => type;
}

internal sealed class Clean
{
    public List<string> Names { get; } = [nameof(Calculator)];
}

internal static class BodyOnly
{
    public static int Call() => Calculator.Answer();
}

internal interface ISignatureOnly
{
    void Take(Machine machine);
}

internal static class GenericSignature
{
    public static Dictionary<string, Machine[]>? Find() => null;
}

internal sealed class FieldOnly
{
    public readonly Machine? Held = null;
}

internal sealed class DerivedClass : Machine;

internal sealed class Implementation : IShape;

internal sealed class Constrained<T> where T : IShape;

[Mark]
internal sealed class Marked;

internal sealed class MarkedParameter
{
    public static int Take([Mark] int value) => value;
}

internal sealed class AttributeArgument
{
    [About(DayOfWeek.Friday, typeof(List<Machine>))]
    public static int One() => 1;
}

internal static class LocalOnly
{
    public static unsafe int Size()
    {
        Point point;
        Point* pointer = &point;
        return (int)(nint)pointer & 1;
    }
}

internal static class TypeToken
{
    public static Type Get() => typeof(Machine);
}

internal static class GenericMethod
{
    public static object Get() => Array.Empty<Machine>();
}

internal static class Caught
{
    public static int Try(Func<int> body)
    {
        try
        {
            return body();
        }
        catch (BrokenException)
        {
            return 0;
        }
    }
}

internal static class InLambda
{
    public static Func<int> Make() => () => Calculator.Answer();
}

internal static class InIterator
{
    public static IEnumerable<int> Count()
    {
        yield return Calculator.Answer();
    }
}

internal static class AfterSwitch
{
    public static int Choose(int way)
    {
        switch (way)
        {
            case 0: return 10;
            case 1: return 20;
            case 2: return 35;
            case 3: return 47;
            default: return Calculator.Answer();
        }
    }
}

internal sealed class Outer
{
    internal sealed class Inner
    {
        public static int Call() => Calculator.Answer();
    }
}
