using System.Text;
using Inkling.Cli.Reporting;
using Inkling.Data;
using Inkling.Data.Scenes;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>What nobody can know of other texts: how low the loss can get, and how good a sample is.</summary>
internal sealed class SceneMeasure
{
    private SceneMeasure(double floor) => Floor = floor;

    /// <summary>
    /// Mean surprise in nats per token of the validation part, at the tokens that have at least half a context before them. On the
    /// average no model has a lower loss there, and one that knows the scenes has about this one.
    /// </summary>
    public double Floor { get; }

    /// <summary>The floor as reports show it.</summary>
    public Reference Reference => new(Floor, "floor");

    /// <summary>Reads the scenes that the run does not learn from.</summary>
    /// <returns>Null where the tokens are not those of the text as it is, but of what a tokenizer makes of it first.</returns>
    public static SceneMeasure? Of(TextCorpus scenes, TrainingRun run)
    {
        var (data, contextLength) = (run.Trainer.Data, run.Settings.Model.ContextLength);
        var tokens = new int[data.Validation.Length];
        data.Validation.CopyTo(0, tokens);
        var validation = run.Tokenizer.DecodeBytes(tokens);
        if (run.Tokenizer.CountBytes(tokens) != validation.Length || !scenes.Bytes.Span.EndsWith(validation))
        {
            return null;
        }

        // Each character of the scenes is a byte, and a token's surprise is that of its characters together.
        var surprise = SceneCorpus.Surprise(Encoding.UTF8.GetString(scenes.Bytes.Span)).AsSpan(^validation.Length..);
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < tokens.Length; i++)
        {
            var length = run.Tokenizer.BytesOf(tokens[i]).Length;
            if (Evaluation.HasHalfContext(i, contextLength))
            {
                foreach (var value in surprise[..length])
                {
                    sum += value;
                }

                count++;
            }

            surprise = surprise[length..];
        }

        return new SceneMeasure(sum / Math.Max(1, count));
    }

    /// <summary>A sample's report card: names and values; what does not occur is left out.</summary>
    public static IReadOnlyDictionary<string, string> Grade(string text)
    {
        var grade = SceneCorpus.Grade(text);
        var card = new Dictionary<string, string> { ["real words"] = $"{grade.RealWordFraction:P0}" };
        Add("grammatical lines", grade.GrammaticalLineCount, grade.LineCount);
        Add("rhymes", grade.RhymingCoupletCount, grade.CoupletCount);
        Add("right sums", grade.RightSumCount, grade.SumCount);
        return card;

        void Add(string name, int right, int count)
        {
            if (count > 0)
            {
                card[name] = $"{right} of {count}";
            }
        }
    }

    /// <summary>How near a loss is to the floor.</summary>
    public string Compare(double lossHalfContext)
        => $"{lossHalfContext:0.000} with half the context before it: {(lossHalfContext / Floor) - 1:P1} above the floor of {Floor:0.000}";
}
