using FsCheck;
using FsCheck.Fluent;

namespace Inkling.Tests.Text;

/// <summary>Checks a property on random values, from a fixed seed, so that a failure comes back.</summary>
internal static class Law
{
    public static void Holds<T>(Gen<T> values, Func<T, bool> property, int cases = 300) =>
        Prop.ForAll(Arb.From(values), property)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(20_250_101, 3));
}
