using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;
using static Inkling.Data.Scenes.Words;

namespace Inkling.Data.Scenes;

/// <summary>
/// Songs of two rhymed lines, indented by two spaces. Each line has three beats, I MET a GRUMpy FOX, and both together fit into 64 characters.
/// </summary>
internal static class Verse
{
    /// <summary>Words of one syllable, in groups that rhyme, and none that rhymes with a word of another group.</summary>
    public static readonly string[][] Rhymes =
    [
        List("bat cat hat mat rat gnat"),
        List("bee flea key knee tree"),
        List("bear chair hare pear stair mare"),
        List("bell shell well"),
        List("boat coat goat moat note stoat"),
        List("box fox ox"),
        List("bun son sun"),
        List("cake drake lake rake snake steak"),
        List("clam ham lamb ram"),
        List("crow toe foe hoe"),
        List("crumb drum plum thumb"),
        List("den hen pen wren"),
        List("dish fish wish"),
        List("dog frog hog log"),
        List("buck duck truck"),
        List("fig pig twig wig"),
        List("fly pie spy tie eye"),
        List("hole mole pole vole bowl"),
        List("hose nose rose"),
        List("house louse mouse"),
        List("jar star scar car"),
        List("king ring sling swing"),
        List("bite kite light"),
        List("nail pail sail snail tail whale"),
        List("moon spoon tune"),
        List("scout snout trout"),
    ];

    /// <summary>What verses begin with, and nothing else.</summary>
    public const string Indent = "  ";

    private static readonly Variable<string> RhymeWord = new(slot: 9, [.. Rhymes.SelectMany(group => group)], word => word);

    // Short words only, because of the 64 characters.
    private static readonly string[] Light = [.. LongAdjectives.Where(word => word.Length <= 6)];
    private static readonly Node Did = OneOf(Verbs.Select(verb => verb.Past).Where(word => word.Length <= 7));
    private static readonly Node Some = OneOf(
        (3, OneOf(Light.Select(An))),
        (1, $"the {OneOf(Light)}"),
        (1, $"my {OneOf(Light)}"),
        (1, $"our {OneOf(Light)}"),
        (1, $"her {OneOf(Light)}"),
        (1, $"his {OneOf(Light)}"));

    private static readonly Node Rhyme =
        RhymeWord.Given(word => OneOf(Rhymes.Single(group => group.Contains(word)).Where(other => other != word)));

    private static readonly Node Statement = Line(
        $"{Indent}{OneOf("I ", "He ", "It ", "She ", "We ", "You ")}{Did} {Some} {RhymeWord.Remember()}");

    private static readonly Node Continuation = Line($"{Indent}{OneOf(
        $"{OneOf("and", "but", "then", "that")} {Did} {Some} {Rhyme}.",
        $"{OneOf("behind", "beneath", "beside", "inside", "upon", "without")} {Some} {Rhyme}.")}");

    /// <summary>Two lines.</summary>
    public static readonly Node Couplet = InOrder(Statement, Continuation);
}
