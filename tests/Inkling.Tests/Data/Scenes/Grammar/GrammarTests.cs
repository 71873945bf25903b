using System.Text;
using Inkling.Data.Scenes.Grammar;
using Inkling.Kernels;
using static Inkling.Data.Scenes.Grammar.Rules;

namespace Inkling.Tests.Data.Scenes.Grammar;

public sealed class GrammarTests
{
    [Fact]
    public void Entropy_and_mean_length_are_those_counted_by_hand()
    {
        ExactMeans means = ExactMeans.Of(SmallGrammar.Text);

        // An animal of two, plural 1 in 4. A mouse has one of four numbers, an ox one of two; of 1 and 2 half the ends are question marks.
        double quarter = (Math.Log(4) / 4) + (0.75 * Math.Log(4.0 / 3));
        Assert.Equal(Math.Log(2) + quarter + (Math.Log(4) + Math.Log(2)) / 2 + (0.5 + 1) / 2 * Math.Log(2), means.Entropy, 1e-12);
        // "mouse mice: 3!\n" has 15 characters, "mouse and mouse: 3!\n" 20, "ox oxen: 1.\n" 12, "ox and ox: 1.\n" 14.
        Assert.Equal((15 + (3 * 20) + 12 + (3 * 14)) / 8.0, means.Length, 1e-12);
    }

    [Fact]
    public void The_distribution_of_two_variables_together_is_known_at_every_place()
    {
        Variable<int> big = new(0, [2, 3], number => $"{number}");
        Variable<int> small = new(1, [1, 2], number => $"{number}");
        Node mark = OneOf("!", ".");
        Node text = InOrder(big.Remember(), big.Given(b => small.Remember(s => $"{s}", among: s => s < b)), mark);

        Dictionary<Bindings, double> found = [];
        Walk.Over(text, (node, reach, before) =>
        {
            if (node == mark)
                found = before(VariableSet.Of(big) | VariableSet.Of(small));
        });

        Bindings none = default;
        Assert.Equal(0.5, found[none.With(big, 0).With(small, 0)]);
        Assert.Equal(0.25, found[none.With(big, 1).With(small, 0)]);
        Assert.Equal(0.25, found[none.With(big, 1).With(small, 1)]);
        Assert.Equal(3, found.Count);
    }

    [Fact]
    public void A_variable_may_get_another_value_and_what_was_seen_before_still_counts()
    {
        Variable<int> number = new(0, [1, 2], value => $"{value}");
        Node again = number.Given(value => value == 1 ? OneOf($"x{number.Remember()}", "y") : "z");
        Node text = InOrder(number.Remember(), again, number.Given(value => value == 1 ? "a" : OneOf("b", "c")));

        // 11: 1/2·1/2·1/2 for x then 1 or 2; y keeps 1; z keeps 2. Entropy: first ln 2; after 1, x or y and then perhaps a number;
        // 2 in the end has probability 1/8 + 1/2 and costs ln 2 more.
        ExactMeans means = ExactMeans.Of(text);
        Assert.Equal(Math.Log(2) * (1 + 0.5 + 0.25 + 0.625), means.Entropy, 1e-12);
        Assert.Equal(1 + 1 + 0.25 + 1, means.Length, 1e-12);
    }

    [Fact]
    public void Every_character_is_as_surprising_as_the_mass_it_rules_out()
    {
        var oracle = new Oracle(SmallGrammar.Text);
        for (uint i = 0; i < 50; i++)
        {
            var builder = new StringBuilder();
            for (uint j = 0; j < 3; j++)
                Writer.Write(SmallGrammar.Text, new RandomKey(1, RandomPurpose.Corpus, i, j), builder);
            string text = builder.ToString();
            double[] surprise = new Reader(SmallGrammar.Text).Surprise(text);

            for (int end = 1; end <= text.Length; end++)
                Assert.Equal(-Math.Log(oracle.Mass(text[..end]) / oracle.Mass(text[..(end - 1)])), surprise[end - 1], 1e-12);
        }
    }

    [Fact]
    public void Surprise_is_paid_where_characters_tell_alternatives_apart()
    {
        Node text = OneOf("cat\n", "car\n", "dog\n", "dot\n");

        double ln2 = Math.Log(2);
        Assert.Equal([ln2, 0, ln2, 0, ln2, 0, ln2], new Reader(text).Surprise("cat\ndog"));
    }

    [Theory]
    [InlineData("mouse mice: 5", 13)]
    [InlineData("mouse oxen", 7)]
    [InlineData("cow", 1)]
    [InlineData("ox oxen: 3", 10)]
    [InlineData("ox oxen: 1.\n\n", 13)]
    public void A_text_that_the_grammar_does_not_write_is_refused_where_it_goes_wrong(string text, int character) =>
        Assert.StartsWith(
            $"Character {character} cannot follow those before it: the text is not made of whole scenes from its start on.",
            Assert.Throws<ArgumentException>(() => new Reader(SmallGrammar.Text).Surprise(text)).Message);

    [Fact]
    public void Alternatives_of_which_one_begins_with_another_are_refused()
    {
        var ambiguous = (Choice)OneOf("bun", OneOf("ham", "bunny"));

        Assert.Equal(
            "One alternative begins with \"bun\" and another with \"bunny\", so a reader cannot tell which is meant.",
            Assert.Throws<InvalidOperationException>(() => new HeadTable(ambiguous, default)).Message);
    }

    [Fact]
    public void A_rule_prints_something()
    {
        Assert.Throws<ArgumentException>(() => new Literal(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sequence([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Choice([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Choice([(0, new Literal("a"))]));
    }

    [Theory]
    [InlineData("mouse mice: 3!\n", true)]
    [InlineData("mouse and mouse: 1?\n", true)]
    [InlineData("mouse and ox: 1?\n", false)]
    [InlineData("ox and ox: 3!\n", false)]
    [InlineData("ox and ox: 1", false)]
    [InlineData("", false)]
    public void A_matcher_knows_the_texts_of_a_grammar(string text, bool expected) =>
        Assert.Equal(expected, Matcher.Prints(SmallGrammar.Text, text));

    [Fact]
    public void A_line_may_recall_anything_from_outside_but_one_thing_at_a_time()
    {
        Variable<string> animal = new(0, ["yak", "owl"], word => word);
        Node line = Line($"The {animal} sees the {animal}.");

        Assert.True(Matcher.Prints(line, "The yak sees the yak.\n"));
        Assert.True(Matcher.Prints(line, "The owl sees the owl.\n"));
        Assert.False(Matcher.Prints(line, "The owl sees the yak.\n"));
    }

    [Fact]
    public void Weights_are_chances()
    {
        // 40,000 draws: the standard error of a share of 1/4 is 0.002.
        Node text = OneOf((1, "a"), (3, "b"));
        var builder = new StringBuilder();
        for (uint i = 0; i < 40_000; i++)
            Writer.Write(text, new RandomKey(1, RandomPurpose.Corpus, i, 0), builder);

        Assert.Equal(0.25, builder.ToString().Count(character => character == 'a') / 40_000.0, 0.007);
    }
}
