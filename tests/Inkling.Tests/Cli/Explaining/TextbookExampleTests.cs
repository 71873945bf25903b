using Inkling.Cli.Explaining;

namespace Inkling.Tests.Cli.Explaining;

/// <summary>
/// The worked example of many introductions to attention: [.1 .2 .3] to [.5 .6 .7], no learned weights, no scaling. One article on the web
/// prints the first row of weights as .17806 … .22287; that is an arithmetic slip, as exp(.14) over the sum of the five exponentials shows.
/// </summary>
public sealed class TextbookExampleTests
{
    private const double Tolerance = 1e-5; // the digits that are printed

    [Fact]
    public void The_first_word_has_the_numbers_of_the_textbook()
    {
        var attention = TextbookExample.Attention(causal: false);

        Near([.14, .20, .26, .32, .38], attention.Scores(0, 0));
        Near([.17675, .18768, .19928, .21160, .22469], attention.Weights(0, 0));
        Near([.31198, .41198, .51198], attention.Output(0, 0));

        double[] exponentials = [.. new[] { .14, .20, .26, .32, .38 }.Select(Math.Exp)];
        Near([.. exponentials.Select(each => each / exponentials.Sum())], attention.Weights(0, 0));
        Assert.NotInRange(attention.Weights(0, 0)[0], .17806 - 0.001, .17806 + 0.001);
    }

    [Fact]
    public void With_the_causal_mask_a_word_takes_from_those_before_it_in_the_same_proportions()
    {
        var (full, causal) = (TextbookExample.Attention(causal: false), TextbookExample.Attention(causal: true));
        for (var query = 0; query < 5; query++)
        {
            double[] seen = [.. full.Weights(0, query).Take(query + 1)];

            Near([.. seen.Select(weight => weight / seen.Sum()), .. new double[4 - query]], causal.Weights(0, query));
        }

        Near([.1, .2, .3], causal.Output(0, 0));
        Near([.47752, .52248, 0, 0, 0], causal.Weights(0, 1));
        Near(full.Output(0, 4), causal.Output(0, 4));
    }

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }
}
