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
    /// Mean surprise in nats per character of the validation part, at the characters that have at least half a context before them. On the
    /// average no model has a lower loss there, and one that knows the scenes has about this one.
    /// </summary>
    public double Floor { get; }

    /// <summary>The floor as reports show it.</summary>
    public Reference Reference => new(Floor, "floor");

    /// <summary>Reads the scenes that the run does not learn from.</summary>
    public static SceneMeasure Of(TextCorpus scenes, TrainingRun run)
    {
        // Characters are tokens, and each of them is a byte.
        var (first, contextLength) = ((int)run.Trainer.Data.TrainingByteCount, run.Settings.Model.ContextLength);
        var surprise = SceneCorpus.Surprise(Encoding.UTF8.GetString(scenes.Bytes.Span)).AsSpan(first);
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < surprise.Length; i++)
        {
            if (Evaluation.HasHalfContext(i, contextLength))
            {
                sum += surprise[i];
                count++;
            }
        }

        return new SceneMeasure(sum / Math.Max(1, count));
    }

    /// <summary>A sample's report card: names and values.</summary>
    public static IReadOnlyDictionary<string, string> Grade(string text)
    {
        var grade = SceneCorpus.Grade(text);
        return new Dictionary<string, string>
        {
            ["real words"] = $"{grade.RealWordFraction:P0}",
            ["grammatical lines"] = $"{grade.GrammaticalLineCount} of {grade.LineCount}",
            ["rhymes"] = $"{grade.RhymingCoupletCount} of {grade.CoupletCount}",
            ["right sums"] = $"{grade.RightSumCount} of {grade.SumCount}",
        };
    }

    /// <summary>How near a loss is to the floor.</summary>
    public string Compare(double lossHalfContext)
        => $"{lossHalfContext:0.0000} where at least half the context comes before; the scenes themselves surprise by {Floor:0.0000} there: {(lossHalfContext / Floor) - 1:P0} above";
}
