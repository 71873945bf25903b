using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;

namespace Inkling.Tests.Data.Scenes.Grammar;

/// <summary>
/// Every kind of rule, few enough texts to count by hand. "two mice or mouse." has probability 1/2 · 1/4 · 1/3: an animal out of two,
/// the plural once in four times, and of the numbers below the animal's limit (mouse: 4, ox: 3) either.
/// </summary>
internal static class SmallGrammar
{
    private static readonly Variable<(string One, string Many, int Limit)> Animal = new(0, [("mouse", "mice", 4), ("ox", "oxen", 2)], one => one.One);
    private static readonly Variable<int> Number = new(1, [1, 2, 3, 4], number => $"{number}");

    public static readonly Node Text = InOrder(
        Animal.Remember(),
        new Literal(" "),
        OneOf(
            (1, $"{Animal.Recall(animal => animal.Many)}: "),
            (3, $"and {Animal}: ")),
        Animal.Given(animal => Number.Remember(number => $"{number}", among: number => number <= animal.Limit)),
        Number.Given(number => number > 2 ? "!" : OneOf("?", ".")),
        new Literal("\n"));
}
