using Inkling.Data.Scenes;
using static Inkling.Tests.Data.Scenes.SceneCorpusTests;

namespace Inkling.Tests.Data.Scenes;

public sealed class SceneGradeTests
{
    [Fact]
    public void Scenes_themselves_get_full_marks_wherever_they_are_cut()
    {
        string text = TextOf(SceneCorpus.Create(100_000, seed: 9))[137..^71];

        SceneGrade grade = SceneCorpus.Grade(text);

        Assert.Equal(1, grade.RealWordFraction);
        Assert.Equal(1, grade.GrammaticalLineFraction);
        Assert.Equal(grade.CoupletCount, grade.RhymingCoupletCount);
        Assert.Equal(grade.SumCount, grade.RightSumCount);
        Assert.InRange(grade.CoupletCount, 100, 200);
        Assert.InRange(grade.SumCount, 90, 200);
        Assert.InRange(grade.LineCount, 1_900, 2_200);
    }

    [Fact]
    public void First_and_last_line_do_not_count() =>
        Assert.Equal(new SceneGrade(0, 0, 0, 0, 0, 0, 0, 0), SceneCorpus.Grade("oot!\nGoose: Ho"));

    [Fact]
    public void Words_count_one_by_one() =>
        Assert.Equal((4, 2), Grade("Goose: Hnok! Flap, flep.") is { } grade ? (grade.WordCount, grade.RealWordCount) : default);

    [Theory]
    [InlineData("Goose: Take a damp yak", false)]
    [InlineData("Goose: Take a damp kettle and a bald kettle!", true)]
    [InlineData("Goose: Take a damp kettle and an bald kettle!", false)]
    [InlineData("Spoon: Take a damp kettle and a bald kettle!", false)]
    [InlineData("Pirate: You may kiss me damp hat and me odd yak.", true)]
    [InlineData("Pirate: You may kiss my damp harp and my odd yak.", false)]
    [InlineData("Exit Moth, chased by a damp yak and an odd, sly eel.", true)]
    public void A_line_is_grammatical_if_some_scene_has_it(string line, bool expected)
    {
        SceneGrade grade = Grade(line);

        Assert.Equal((1, expected ? 1 : 0), (grade.LineCount, grade.GrammaticalLineCount));
    }

    [Theory]
    [InlineData("  I kissed a lumpy goat", "  behind his hairy boat.", true)]
    [InlineData("  I kissed a lumpy goat", "  behind his hairy goat.", false)]
    [InlineData("  I kissed a lumpy goat", "  behind his hairy box.", false)]
    [InlineData("  I kissed a lumpy gnoat", "  behind his hairy gloat.", false)]
    [InlineData("  ", "  ?!", false)]
    public void A_couplet_rhymes_if_its_last_words_do_and_differ(string first, string second, bool expected)
    {
        SceneGrade grade = Grade($"{first}\n{second}");

        Assert.Equal((1, expected ? 1 : 0), (grade.CoupletCount, grade.RhymingCoupletCount));
    }

    [Fact]
    public void Of_three_verses_two_are_a_couplet() =>
        Assert.Equal(1, Grade("  a goat\n  a boat\n  a coat").CoupletCount);

    [Theory]
    [InlineData("Goose: Honk! Two wet owls and nine bald yaks make eleven pests.", true)]
    [InlineData("Goose: Honk! Two wet owls and nine bald yaks make twelve pests.", false)]
    [InlineData("But two and two make four, you bald turnip!", true)]
    [InlineData("nine less two leave seven", true)]
    [InlineData("nine less two leave six", false)]
    [InlineData("five bent spoons and nine less two leave seven", true)]
    [InlineData("two and two and two make four", true)]
    public void Sums_are_found_by_their_shape_and_checked(string line, bool expected)
    {
        SceneGrade grade = Grade(line);

        Assert.Equal((1, expected ? 1 : 0), (grade.SumCount, grade.RightSumCount));
    }

    [Theory]
    [InlineData("Two wet owls and nine bald yaks.")]
    [InlineData("Owls and yaks make pests.")]
    [InlineData("two and make four")]
    public void What_has_no_result_is_no_sum(string line) => Assert.Equal(0, Grade(line).SumCount);

    [Fact]
    public void Any_text_can_be_graded()
    {
        SceneGrade grade = SceneCorpus.Grade("\n\r\n\0\ud800 \u00e9t\u00e9 123\n  \n  \n\n:::\n" + new string('x', 100_000) + "\n");

        Assert.Equal(0, grade.RealWordCount);
        Assert.Equal(0, grade.GrammaticalLineCount);
        Assert.Equal(0, SceneCorpus.Grade("").RealWordFraction);
        Assert.Equal(0, SceneCorpus.Grade("").GrammaticalLineFraction);
        Assert.Throws<ArgumentNullException>(() => SceneCorpus.Grade(null!));
    }

    private static SceneGrade Grade(string lines) => SceneCorpus.Grade($"cut o\n{lines}\nff");
}
