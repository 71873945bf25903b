using Inkling.Generation;
using Inkling.Generation.Explaining;

namespace Inkling.Cli.Explaining;

/// <summary>The path of a prompt through a model, step by step, up to what each layer would predict.</summary>
internal sealed class ExplanationPage(Page page, Explanation explanation, TokenLabels labels, ExplanationScope scope)
{
    private readonly int _first = Math.Max(
        0, labels.Count - Math.Min(scope.Last ?? ExplanationScope.ReadableTokens, AttentionMatrix.MostTokens(labels, 0, page.Room)));

    private IEnumerable<int> Shown => Enumerable.Range(_first, labels.Count - _first);

    public void Write()
    {
        WriteTokens();
        WriteEmbedding();
        WriteAboutLayers();
        foreach (var layer in ExplanationScope.Of(scope.Layer, explanation.Layers.Count))
        {
            WriteAttention(layer);
            WriteResidual(layer);
        }

        WriteLens();
    }

    private void WriteTokens()
    {
        page.Heading("1 Tokens");
        page.Text("The text is cut into tokens; to the model each is a number, its id.");
        if (_first > 0)
        {
            page.Text($"Shown are the last {labels.Count - _first} of {labels.Count} tokens; --last changes that.");
        }

        page.Skip();
        var columns = new List<Line[]> { new Line[] { "position", "token", "id" } };
        foreach (var position in Shown)
        {
            var token = labels.Token(position);
            columns.Add([position.ToString(), labels.Of(token), token.ToString()]);
        }

        var (from, names) = (1, columns[0].Max(cell => cell.Width));
        while (from < columns.Count)
        {
            var to = from;
            for (var used = names; to < columns.Count && (to == from || used + WidthOf(to) <= page.Room); to++)
            {
                used += WidthOf(to);
            }

            for (var row = 0; row < 3; row++)
            {
                page.Write(columns[from..to].Aggregate(columns[0][row].PadRight(names), (line, column) => line + "  " + column[row].PadLeft(column.Max(cell => cell.Width))));
            }

            page.Skip();
            from = to;
        }

        if (labels.Legend() is { Length: > 0 } legend)
        {
            page.Text(legend);
        }

        int WidthOf(int column) => columns[column].Max(cell => cell.Width) + 2;
    }

    private void WriteEmbedding()
    {
        var embedding = explanation.Embedding;
        var width = embedding.Output[0].Length;
        page.Heading("2 Embedding: each token becomes a vector");
        page.Text(embedding.Positions is null
            ? $"The row of its id in the token table, {width} numbers; no vector is added for the position. Rotary positions, where a model has them, turn queries and keys instead."
            : $"The row of its id in the token table plus the row of its position in the position table, {width} numbers each.");
        page.Skip();
        page.Table(Math.Min(width, Numbers.MostComponents), count => [.. Shown.SelectMany(position => Rows(position, count))], leftColumns: 2);

        IEnumerable<Line[]> Rows(int position, int count)
        {
            yield return Row(labels.Row(position), "token", embedding.Tokens[position], count);
            if (embedding.Positions is { } positions)
            {
                yield return Row("", "position", positions[position], count);
            }

            yield return Row("", embedding.Positions is null ? "input" : "sum", embedding.Output[position], count);
        }

        Line[] Row(Line name, Line what, float[] vector, int count) => [name, what, .. Numbers.First(vector, count, page.Style)];
    }

    private void WriteAboutLayers()
    {
        var count = explanation.Layers.Count;
        page.Heading($"3 Layers: {(count == 1 ? "one" : $"0 to {count - 1}, one after another")}");
        page.Text("In each, attention lets tokens take something from one another, and a feed-forward layer works on each token by itself. "
            + "What they find goes into the token's vector, the residual stream.");
        page.Text("Attention: how much each token (row) takes from itself and from those before it (columns); each row sums to 1. "
            + "Blank: masked, as a token must not see what comes after it"
            + (explanation.Layers[0].Attention.Shape.Window is > 0 and var window ? $", nor more than the last {window} tokens." : "."));
        if (_first > 0)
        {
            page.Text($"The first column ({page.Style.Ellipsis}) is what goes to the {_first} tokens before those shown.");
        }

        page.Text($"Shades: {page.Style.Legend()}");
        page.Text("Residual stream: length (norm) and first numbers of each token's vector.");
    }

    private void WriteAttention(int layer)
    {
        var attention = explanation.Layers[layer].Attention;
        page.Heading($"Layer {layer}: attention");
        page.Skip();
        var matrix = new AttentionMatrix(labels, _first, page.Room, page.Style);
        int[] heads = [.. ExplanationScope.Of(scope.Head, attention.Shape.HeadCount)];
        page.Beside([.. heads.Select(head => matrix.Draw(attention, head))]);
        if (scope.Head is { } only)
        {
            var last = labels.Count - 1;
            page.Text($"How head {only} works out what \"{labels.Row(last).Trim()}\" gets: a score is query times key, divided by the root of the head size "
                + $"{attention.Shape.HeadSize}; the weights are the softmax of the scores; the output is the sum of weight times value.");
            page.Skip();
            AttentionWorking.Write(page, attention, only, last, labels, _first);
        }
    }

    private void WriteResidual(int layer)
    {
        page.Heading($"Layer {layer}: the residual stream after it");
        page.Skip();
        var output = explanation.Layers[layer].Output;
        page.Table(
            Math.Min(output[0].Length, Numbers.MostComponents),
            count => [["", "norm"], .. Shown.Select(position => Row(labels.Row(position), output[position], count))]);

        Line[] Row(Line name, float[] vector, int count)
            => [name, page.Style.Strong(Numbers.Short(Numbers.Norm(vector))), .. Numbers.First(vector, count, page.Style)];
    }

    private void WriteLens()
    {
        (Line Name, IReadOnlyList<IReadOnlyList<TokenProbability>> Lens)[] stages =
        [
            ("embedding", explanation.Embedding.Lens),
            .. explanation.Layers.Select((layer, i) => ((Line)$"layer {i}", layer.Lens)),
        ];
        page.Heading("4 Logit lens: the prediction after each layer");
        page.Text("What the model would predict if it ended there: final norm and head applied to the residual stream (nostalgebraist 2020).");
        page.Text($"The most probable tokens after \"{labels.Row(labels.Count - 1).Trim()}\", with their probabilities:");
        page.Skip();
        page.Table(
            stages[0].Lens[^1].Count,
            count => [.. stages.Select(stage => stage.Lens[^1].Take(count).Select(Predicted).Prepend(stage.Name).ToArray())],
            leftColumns: int.MaxValue);
        page.Skip();

        var names = stages.Max(stage => stage.Name.Width) + 2;
        var cell = stages.Max(stage => Shown.Max(position => Best(stage.Lens, position).Width));
        cell = Math.Max(cell, Shown.Max(position => TextWidth.Of(labels.Of(labels.Token(position))))) + 1;
        var positions = Shown.TakeLast(Math.Max(1, (page.Room - names) / cell)).ToArray();
        page.Text($"The most probable next token after each of the last {positions.Length} tokens, and its probability as a shade:");
        page.Skip();
        page.Write(positions.Aggregate(((Line)"after").PadRight(names), (line, position) => line + ((Line)labels.Of(labels.Token(position))).PadRight(cell)));
        foreach (var (name, lens) in stages)
        {
            page.Write(positions.Aggregate(name.PadRight(names), (line, position) => line + Best(lens, position).PadRight(cell)));
        }

        Line Predicted(TokenProbability top) => (Line)$"{labels.Of(top.Token)} {Numbers.Weight(top.Probability)}" + page.Style.Shade(top.Probability);
        Line Best(IReadOnlyList<IReadOnlyList<TokenProbability>> lens, int position)
            => (Line)labels.Of(lens[position][0].Token) + page.Style.Shade(lens[position][0].Probability);
    }
}
