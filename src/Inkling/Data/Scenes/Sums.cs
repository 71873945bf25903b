using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;
using static Inkling.Data.Scenes.Words;

namespace Inkling.Data.Scenes;

/// <summary>Sums that come out right: two numbers are remembered, and the result follows from them.</summary>
internal static class Sums
{
    private static readonly Variable<int> Left = new(slot: 6, [2, 3, 4, 5, 6, 7, 8, 9], Spelled);
    private static readonly Variable<int> Right = new(slot: 7, [2, 3, 4, 5, 6, 7, 8, 9], Spelled);
    private static readonly Node CapitalLeft = Left.Remember(left => Capital(Spelled(left)));
    private static readonly Node Total = Left.Given(left => Right.Recall(right => Spelled(left + right)));

    // What is taken away leaves at least two.
    private static readonly Variable<int> Whole = new(slot: 8, [4, 5, 6, 7, 8, 9, 10, 11], Spelled);
    private static readonly Node Taken = Whole.Given(whole => Right.Remember(Spelled, among: right => right <= whole - 2));

    // Pairs with less do not occur, but each has its branch.
    private static readonly Node Remainder = Whole.Given(whole => Right.Recall(right => Spelled(Math.Max(whole - right, 2))));

    private static readonly Node Company = OneOf(List("""
        cooks cousins dancers friends guests judges lawyers pests singers suspects uncles witnesses
        """));

    /// <summary>A sum or a difference with a grain of sense.</summary>
    public static readonly Node Sum = OneOf(
        $"{CapitalLeft} {Adjective} {CreaturesInPlural} and {Right.Remember()} {Adjective} {CreaturesInPlural} make {Total} {Company}.",
        $"But {Left.Remember()} and {Right.Remember()} make {Total}, you {Quality}{Insult}!",
        $"Look: {Whole.Remember()} {Quality}{ThingsInPlural} less {Taken} leave {Remainder}.");

    private static string Spelled(int number) => Numbers[number];
}
