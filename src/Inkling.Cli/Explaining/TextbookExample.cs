using Inkling.Generation.Explaining;
using Inkling.Kernels;

namespace Inkling.Cli.Explaining;

/// <summary>
/// Attention small enough for a pocket calculator, as textbooks begin with it: every word is query, key and value at once, nothing is
/// learned and nothing is scaled.
/// </summary>
internal static class TextbookExample
{
    private static readonly string[] Words = ["ink", "runs", "on", "wet", "silk"];

    private static readonly float[][] Vectors = [[.1f, .2f, .3f], [.2f, .3f, .4f], [.3f, .4f, .5f], [.4f, .5f, .6f], [.5f, .6f, .7f]];

    public static AttentionExplanation Attention(bool causal)
    {
        var shape = new AttentionShape
        {
            BatchSize = 1,
            QueryCount = Words.Length,
            KeyCount = Words.Length,
            KeyCapacity = Words.Length,
            HeadCount = 1,
            KeyHeadCount = 1,
            HeadSize = Vectors[0].Length,
            Causal = causal,
        };
        return new AttentionExplanation(shape, Vectors, Vectors, Vectors) { Scale = 1 };
    }

    public static void Write(Page page)
    {
        var labels = new TokenLabels(token => System.Text.Encoding.UTF8.GetBytes(Words[token]), [0, 1, 2, 3, 4], page.Style);
        page.Heading("Attention by hand: five words, three numbers each");
        page.Text("Every word is query, key and value at once; nothing is learned and nothing is scaled. A score is the product of two vectors: "
            + "0.1 x 0.1 + 0.2 x 0.2 + 0.3 x 0.3 = 0.14. A weight is the exponential of a score over the sum of all five. "
            + "The output, also called context vector, is the sum of weight times value.");
        Write(page, labels, causal: false, $"What \"{Words[0]}\" gets when it sees every word", query: 0);
        Write(page, labels, causal: true, $"With the causal mask, \"{Words[2]}\" sees no word after it", query: 2);
        page.Text("In a GPT query, key and value are three learned projections of each vector, and scores are divided by the root of the head "
            + "size. To see one at work: inkling explain MODEL --prompt TEXT");
    }

    private static void Write(Page page, TokenLabels labels, bool causal, string title, int query)
    {
        var attention = Attention(causal);
        page.Heading(title);
        page.Skip();
        AttentionWorking.Write(page, attention, head: 0, query, labels, first: 0);
        page.Skip();
        page.Text($"All weights, a row for each word. Shades: {page.Style.Legend()}");
        page.Skip();
        page.Beside([new AttentionMatrix(labels, first: 0, page.Room, page.Style).Draw(attention, head: 0)]);
    }
}
