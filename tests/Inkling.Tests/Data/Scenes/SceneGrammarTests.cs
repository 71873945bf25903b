using System.Text;
using System.Text.RegularExpressions;
using Inkling.Data.Scenes;
using Inkling.Data.Scenes.Grammar;
using Inkling.Kernels;
using Inkling.Tests.Data.Scenes.Grammar;
using Xunit.Abstractions;

namespace Inkling.Tests.Data.Scenes;

public sealed partial class SceneGrammarTests(ITestOutputHelper output)
{
    [Fact]
    public void At_every_choice_the_alternatives_begin_differently_so_a_text_has_one_derivation()
    {
        HashSet<(Choice, Bindings)> seen = [];
        HashSet<string> complaints = [];
        Walk.Over(Scene.Grammar, (node, _, before) =>
        {
            if (node is not Choice choice)
                return;

            foreach (Bindings remembered in before(choice.HeadReads).Keys.Where(remembered => seen.Add((choice, remembered))))
            {
                try
                {
                    Assert.NotEqual(0, new HeadTable(choice, remembered).Count);
                }
                catch (InvalidOperationException e)
                {
                    complaints.Add(e.Message);
                }
            }
        });

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
        output.WriteLine($"{seen.Count} choices with what may be remembered there");
        Assert.True(seen.Count > 200);
    }

    [Fact]
    public void All_derivations_of_a_text_together_are_as_likely_as_the_one_that_wrote_it()
    {
        var oracle = new Oracle(Scene.Grammar);
        for (uint number = 0; number < 1_000; number++)
        {
            (string text, double surprise) = Write(seed: 3, number);
            Assert.Equal(surprise, -Math.Log(oracle.Mass(text)), 1e-9);
            Assert.Equal(surprise, new Reader(Scene.Grammar).Surprise(text).Sum(), 1e-9);
        }
    }

    [Fact]
    public void A_text_of_several_scenes_has_one_derivation_too()
    {
        var oracle = new Oracle(Scene.Grammar);
        for (uint number = 0; number < 100; number += 2)
        {
            (string first, double a) = Write(seed: 4, number);
            (string second, double b) = Write(seed: 4, number + 1);
            Assert.Equal(a + b, -Math.Log(oracle.Mass(first + second)), 1e-9);
        }
    }

    [Fact]
    public void A_scene_that_is_cut_off_is_as_likely_as_all_that_begin_like_it()
    {
        var oracle = new Oracle(Scene.Grammar);
        for (uint number = 0; number < 20; number++)
        {
            string text = Write(seed: 5, number).Text;
            double sum = 0;
            double[] surprise = new Reader(Scene.Grammar).Surprise(text);
            for (int end = 1; end <= text.Length; end++)
            {
                sum += surprise[end - 1];
                Assert.Equal(-Math.Log(oracle.Mass(text[..end])), sum, 1e-9);
            }
        }
    }

    [Fact]
    public void Entropy_and_mean_length_agree_with_100_000_scenes()
    {
        const int Count = 100_000;
        (double sum, double squares, double length, double lengthSquares) = (0, 0, 0, 0);
        var text = new StringBuilder();
        for (uint number = 0; number < Count; number++)
        {
            text.Clear();
            double surprise = Writer.Write(Scene.Grammar, new RandomKey(6, RandomPurpose.Corpus, number, Site: 0), text);
            sum += surprise;
            squares += surprise * surprise;
            length += text.Length;
            lengthSquares += (double)text.Length * text.Length;
        }

        ExactMeans means = ExactMeans.Of(Scene.Grammar);
        output.WriteLine($"{means.Entropy:F3} nats in {means.Length:F2} characters: {means.Entropy / means.Length:F4} nats per character");
        AssertWithinThreeErrors(means.Entropy, sum, squares);
        AssertWithinThreeErrors(means.Length, length, lengthSquares);

        static void AssertWithinThreeErrors(double expected, double sum, double squares)
        {
            double mean = sum / Count;
            double error = Math.Sqrt(((squares / Count) - (mean * mean)) / Count);
            Assert.InRange(mean, expected - (3 * error), expected + (3 * error));
        }
    }

    [Fact]
    public void There_is_much_to_learn_and_much_that_follows() =>
        Assert.InRange(SceneCorpus.EntropyPerCharacter, 0.45, 0.60);

    [Fact]
    public void Variables_do_not_share_a_place_in_memory()
    {
        HashSet<Variable> variables = [];
        Visit(Scene.Grammar, node =>
        {
            if ((node as Given)?.Variable is { } recalled)
                variables.Add(recalled);
            if ((node as Remember)?.Variable is { } remembered)
                variables.Add(remembered);
        });

        Assert.Equal(variables.Count, variables.Select(variable => variable.Slot).Distinct().Count());
    }

    [Fact]
    public void A_line_ends_where_a_line_rule_ends_and_nowhere_else()
    {
        Visit(Scene.Grammar, node =>
        {
            if (node is Literal { Text: not "\n" } literal)
                Assert.DoesNotContain('\n', literal.Text);
        });
    }

    [Fact]
    public void Couplets_fit_into_a_context_of_64() =>
        Assert.InRange(LongestText(Verse.Couplet), 40, 64);

    [Fact]
    public void No_word_rhymes_with_two_groups() =>
        Assert.Equal(Verse.Rhymes.Sum(group => group.Length), Verse.Rhymes.SelectMany(group => group).Distinct().Count());

    [Fact]
    public void Scenes_are_written_in_plain_correct_English()
    {
        string text = Encoding.ASCII.GetString(SceneCorpus.Create(1_000_000, seed: 8).Bytes.Span);

        Assert.All(text.Distinct(), character => Assert.True(character is '\n' or (>= ' ' and <= '~')));
        Assert.InRange(text.Distinct().Count(), 40, 64);
        AssertNowhere(WrongArticle(), text);
        AssertNowhere(LowerCaseBeginning(), text);
        AssertNowhere(SpaceOutOfPlace(), text);
        AssertNowhere(SameWordTwice(), text);
        Assert.All(text.Split("\n\n"), scene => Assert.InRange(scene.Length, scene.Length == 0 ? 0 : 250, 650));

        static void AssertNowhere(Regex wrong, string text) => Assert.Equal("", wrong.Match(text).Value);
    }

    private static (string Text, double Surprise) Write(ulong seed, uint number)
    {
        var text = new StringBuilder();
        double surprise = Writer.Write(Scene.Grammar, new RandomKey(seed, RandomPurpose.Corpus, number, Site: 0), text);
        return (text.ToString(), surprise);
    }

    private static int LongestText(Node node) => node switch
    {
        Literal literal => literal.Text.Length,
        Remember remember => remember.Text.Length,
        Sequence sequence => sequence.Parts.Sum(LongestText),
        _ => node.Children.Max(LongestText),
    };

    private static void Visit(Node node, Action<Node> visit)
    {
        visit(node);
        foreach (Node child in node.Children)
            Visit(child, visit);
    }

    [GeneratedRegex(@"\b[Aa] [aeiou]\w*|\b[Aa]n [^aeiou]\w*")]
    private static partial Regex WrongArticle();

    [GeneratedRegex(@"^[a-z].*|[.!?] [a-z]\w*", RegexOptions.Multiline)]
    private static partial Regex LowerCaseBeginning();

    [GeneratedRegex(@"\S  +\S|.* $| [.,!?:]", RegexOptions.Multiline)]
    private static partial Regex SpaceOutOfPlace();

    [GeneratedRegex(@"\b(a|an|the|my|your|his|her|that|this|some) (a|an|the|my|your|his|her|this|and|some)\b")]
    private static partial Regex SameWordTwice();
}
