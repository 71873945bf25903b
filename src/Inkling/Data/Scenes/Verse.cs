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
        List("boat coat goat moat note stoat throat"),
        List("box fox ox"),
        List("bun nun son"),
        List("cake drake lake rake snake steak"),
        List("clam ham lamb ram"),
        List("crow toe foe hoe"),
        List("crumb drum plum thumb"),
        List("den hen pen wren"),
        List("dish fish wish"),
        List("dog frog hog log"),
        List("duck truck"),
        List("fig pig twig wig"),
        List("fly pie spy tie eye"),
        List("hole mole pole vole bowl"),
        List("hose nose rose"),
        List("house louse mouse blouse"),
        List("jar star guitar car"),
        List("king ring sling string swing"),
        List("kite knight light"),
        List("nail pail sail snail tail whale"),
        List("moon spoon tune"),
        List("trout snout sprout"),
    ];

    private static readonly Variable<string> RhymeWord = new(slot: 9, [.. Rhymes.SelectMany(group => group)], word => word);

    private static readonly Node AnLongAdjective = OneOf(LongAdjectives.Select(An));

    private static readonly Node Rhyme =
        RhymeWord.Given(word => OneOf(Rhymes.Single(group => group.Contains(word)).Where(other => other != word)));

    private static readonly Node Told = OneOf(
        $"  I {Did} {AnLongAdjective} {RhymeWord.Remember()}",
        $"  She {Did} {AnLongAdjective} {RhymeWord.Remember()}",
        $"  He {Did} {AnLongAdjective} {RhymeWord.Remember()}",
        $"  We {Did} {AnLongAdjective} {RhymeWord.Remember()}",
        $"  You {Did} {AnLongAdjective} {RhymeWord.Remember()}",
        $"  They {Did} {AnLongAdjective} {RhymeWord.Remember()}");

    private static readonly Node Toldon = OneOf(
        $"  and {Did} {AnLongAdjective} {Rhyme}.",
        $"  then {Did} {AnLongAdjective} {Rhyme}.",
        $"  but {Did} {AnLongAdjective} {Rhyme}.",
        $"  that {Did} {AnLongAdjective} {Rhyme}.",
        $"  inside {AnLongAdjective} {Rhyme}.",
        $"  behind {AnLongAdjective} {Rhyme}.",
        $"  upon {AnLongAdjective} {Rhyme}.",
        $"  without {AnLongAdjective} {Rhyme}.",
        $"  beneath {AnLongAdjective} {Rhyme}.");

    /// <summary>Two lines.</summary>
    public static readonly Node Couplet = InOrder(Line(Told), Line(Toldon));
}
