using Inkling.Generation.Explaining;

namespace Inkling.Cli.Explaining;

/// <summary>How one head works out what one token gets: scores, weights, sum of the values.</summary>
internal static class AttentionWorking
{
    private const int MostComponents = 8; // of key and of value each

    public static void Write(Page page, AttentionExplanation attention, int head, int query, TokenLabels labels, int first)
    {
        var D = attention.Shape.HeadSize;
        var keyHead = attention.KeyHeadOf(head);
        int[] keys = [.. Enumerable.Range(first, labels.Count - first).Where(key => attention.Sees(query, key))];
        var (scores, weights, output) = (attention.Scores(head, query), attention.Weights(head, query), attention.Output(head, query));
        page.Table(Math.Min(D, MostComponents), Rows);

        IReadOnlyList<Line[]> Rows(int count)
        {
            var columns = Math.Min(D, count + 1); // one more for the mark of what is left out
            return
            [
                Row("", ["key"], "score", "weight", ["value"]),
                Row("query", Vector(attention.Queries[query], head), "", "", []),
                .. keys.Select(key => Row(
                    labels.Row(key), Vector(attention.Keys[key], keyHead), Numbers.Short(scores[key]), Numbers.Long(weights[key]), Vector(attention.Values[key], keyHead))),
                .. first > 0 ? [Row("earlier", [], "", Numbers.Long(weights.Take(first).Sum()), [])] : Array.Empty<Line[]>(),
                Row("output", [], "", Numbers.Long(weights.Sum()), [.. output.Take(count).Select(x => page.Style.Strong(Numbers.Long(x))), .. Rest()]),
            ];

            Line[] Row(Line name, Line[] key, Line score, Line weight, Line[] value) => [name, .. Fill(key), score, weight, .. Fill(value)];
            IEnumerable<Line> Fill(Line[] cells) => cells.Concat(Enumerable.Repeat(Line.Empty, columns - cells.Length));
            Line[] Vector(float[] row, int part) => [.. row.Skip(part * D).Take(count).Select(x => (Line)Numbers.Short(x)), .. Rest()];
            Line[] Rest() => D > count ? [page.Style.Ellipsis] : [];
        }
    }
}
