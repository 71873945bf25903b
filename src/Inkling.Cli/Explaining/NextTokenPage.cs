using Inkling.Generation;
using Inkling.Generation.Explaining;

namespace Inkling.Cli.Explaining;

/// <summary>From logits to the token that is drawn.</summary>
internal static class NextTokenPage
{
    private const int RowCount = 10;
    private const int WidestBar = 16;

    public static void Write(Page page, NextTokenExplanation next, TokenLabels labels, GenerationOptions options)
    {
        var ranked = Enumerable.Range(0, next.Raw.Count).OrderByDescending(token => next.Raw[token]).ToArray();
        var cuts = string.Join(", ", Given(options, nameof(options.TopK), nameof(options.TopP), nameof(options.MinP)));
        var penalties = string.Join(", ", Given(options, nameof(options.RepetitionPenalty)));
        var tempered = $"tempered: softmax of the logits{(penalties.Length > 0 ? $" after {penalties}," : "")} / {options.Temperature}";
        page.Heading("5 The next token");
        page.Text("raw: softmax of the logits; " + (options.Temperature, cuts) switch
        {
            (0, _) => "tempered and kept: at temperature 0 the most probable token has it all.",
            (_, "") => $"{tempered}; kept: all tokens, as no --top-k or the like leaves any out.",
            _ => $"{tempered}; kept: what {cuts} leaves, so that it sums to 1 again.",
        });
        page.Skip();

        int[] shown = [.. ranked.Take(RowCount).Append(next.Drawn).Distinct()];
        int[] others = [.. ranked.Skip(RowCount).Where(token => token != next.Drawn)];
        page.Table(WidestBar, Rows, leftColumns: 2);
        page.Skip();
        page.Write((Line)(options.Temperature == 0 ? "taken: " : $"drawn with seed {options.Seed}: ")
            + page.Style.Chosen($"\"{labels.Of(next.Drawn)}\"") + $", probability {Numbers.Probability(next.Kept[next.Drawn])}");

        IReadOnlyList<Line[]> Rows(int barWidth) =>
        [
            ["", "token", "id", "logit", "raw", "tempered", "kept"],
            .. shown.Select(token => Row(token, barWidth)),
            .. others.Length > 0
                ? [["", $"{others.Length:N0} others", "", "", Sum(next.Raw), Sum(next.Tempered), Sum(next.Kept)]]
                : Array.Empty<Line[]>(),
        ];

        Line Sum(IReadOnlyList<double> probabilities) => Numbers.Probability(others.Sum(token => probabilities[token]));

        Line[] Row(int token, int barWidth) =>
        [
            token == next.Drawn ? page.Style.Chosen(">") : " ", labels.Of(token), token.ToString(), Numbers.Short(next.Logits[token]),
            Numbers.Probability(next.Raw[token]), Numbers.Probability(next.Tempered[token]),
            next.Kept[token] > 0 ? Numbers.Probability(next.Kept[token]) : page.Style.Dash,
            page.Style.Bar(next.Kept[token], barWidth).PadRight(barWidth),
        ];
    }

    /// <summary>Those of some options that are not as they are by default, as they are typed.</summary>
    private static IEnumerable<string> Given(GenerationOptions options, params string[] fields)
    {
        var none = new GenerationOptions();
        return from setting in Settings.Generation
               where fields.Contains(setting.Field) && setting.Get(options) != setting.Get(none)
               select $"--{setting.Name} {setting.Get(options)}";
    }
}
