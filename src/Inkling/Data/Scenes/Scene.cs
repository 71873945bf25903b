using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;
using static Inkling.Data.Scenes.Speech;
using static Inkling.Data.Scenes.Words;

namespace Inkling.Data.Scenes;

/// <summary>A scene from beginning to end: two people, a place, a quarrel, perhaps a song, and an empty line.</summary>
internal static class Scene
{
    private static readonly Voice First = new(slot: 0);
    private static readonly Voice Second = new(slot: 1);

    private static readonly Node Rival =
        First.Who.Given(first => Second.Who.Remember(who => who.Name, among: first.QuarrelsWith));

    private static readonly Node Meets = OneOf(List("""
        bites calls chases dries fans finds greets hugs kicks lifts meets paints pats pokes robs shaves shoves spots startles
        tickles trips wakes
        """));

    private static readonly Node Opening = Line($"{First.Who.Remember()} {Meets} {Rival} in {Some}{Place.Remember()}.");

    /// <summary>The whole grammar.</summary>
    public static readonly Node Grammar = InOrder(
        Opening,
        Accusation(First, Second),
        Denial(Second, First),
        Abuse(First, Second),
        Bargain(Second, First),
        OneOf(
            (2, InOrder(Song(Second), Reply(First, Second))),
            (1, InOrder(Reply(First, Second), Abuse(Second, First)))),
        Ending(Second),
        new Literal("\n"));
}
