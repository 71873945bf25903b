using System.Text;
using System.Xml.Linq;
using Inkling.Cli.Reporting;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Tests.Cli.Reporting;

public sealed class ReportPageTests
{
    private static readonly RunSession Session = new()
    {
        StartedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        LastStep = 1_000,
        Processor = "A & B",
        Kernels = "CPU",
        PeakGflops = 100,
        Corpus = "tale",
        ValidationTokens = 100,
        ValidationBytes = 200,
        TrainingTokens = 900,
        Prompt = "Once <upon>",
    };

    private static readonly RunHistory Run = new()
    {
        FolderPath = "runs/tale <1>",
        Settings = new RunSettings
        {
            CorpusPath = "tale.txt",
            Preset = "nano",
            Model = GptPresets.Shapes["nano"] with { Width = 64 },
            Training = Recipes.ByPreset["nano"] with { Steps = 1_000 },
        },
        Training = [.. Enumerable.Range(1, 100).Select(i => new MetricsLine
        {
            Step = 10 * i, Loss = i == 50 ? double.NaN : 4 - Math.Log10(i), GradientNorm = 1.5, LearningRate = 0.001, IsApplied = i != 50,
        })],
        Evaluations = [new MetricsLine { Step = 500, ValidationLoss = 2 * Math.Log(2), ValidationLossHalfContext = 1.3 }, new MetricsLine { Step = 1_000, ValidationLoss = 2.5 }],
        Journal =
        [
            new JournalLine { Session = Session },
            new JournalLine { Step = 500, Seconds = 30, TokensPerSecond = 1_000 },
            new JournalLine { Step = 500, Sample = "</pre><script>alert('x')</script> & \0\e[31m \ud800", Grades = new Dictionary<string, string> { ["real <words>"] = "97 %" } },
            new JournalLine { Step = 1_000, Seconds = 90, TokensPerSecond = 3_000 },
        ],
    };

    [Fact]
    public void The_page_is_well_formed_and_needs_nothing_but_itself()
    {
        var text = ReportPage.Create(Run);
        var page = Parse(text);

        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href");
        Assert.DoesNotContain("@import", text, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.Equal(4, page.Descendants("figure").Count());
        Assert.Single(page.Descendants("script"));
    }

    [Fact]
    public void What_the_model_writes_is_text_and_nothing_else()
    {
        var sample = Parse(ReportPage.Create(Run)).Descendants("pre").Single(each => (string?)each.Attribute("class") == "sample");

        Assert.Empty(sample.Elements());
        Assert.Equal("</pre><script>alert('x')</script> & \uFFFD\uFFFD[31m \uFFFD", sample.Value);
    }

    [Fact]
    public void The_figures_are_those_of_the_best_evaluation()
    {
        var figures = Parse(ReportPage.Create(Run)).Descendants("dl").Single().Elements("div")
            .ToDictionary(each => each.Element("dt")!.Value, each => each.Element("dd")!.Nodes().OfType<XText>().First().Value);

        // A loss of two bits per token, and two bytes per token; the speed is that of all steps together.
        Assert.Equal(("1.3863", "4.00", "1.000"), (figures["Best validation loss"], figures["Perplexity"], figures["Bits per byte"]));
        Assert.Equal(("1m 30s", "1.50 k"), (figures["Time"], figures["Speed"]));
    }

    [Fact]
    public void Steps_that_were_not_finite_are_said_and_leave_no_point()
    {
        var page = Parse(ReportPage.Create(Run));

        Assert.Contains("1 step left the weights as they were", page.Descendants("header").Single().Value, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_has_given_up_is_told_how_to_go_on()
    {
        MetricsLine[] skipped = [.. Enumerable.Range(401, 12).Select(step => new MetricsLine { Step = step, Loss = 1e6, IsApplied = false })];
        var journal = new JournalLine { Step = 412, Ended = RunEndReason.TooManySkippedSteps };
        var page = Parse(ReportPage.Create(Run with { Training = [.. Run.Training.Take(40), .. skipped], Evaluations = [], Journal = [.. Run.Journal, journal] }));

        Assert.Contains("Step 412 of 1,000 given up", page.Value, StringComparison.Ordinal);
        Assert.Contains("a spike: 401, 402, 403, 404, 405, 406, 407, 408, 409, 410 …", page.Value, StringComparison.Ordinal);
        Assert.Contains("--maximum-skipped-steps 100", page.Value, StringComparison.Ordinal);

        // What did not move the weights would only flatten the curve.
        Assert.DoesNotContain("1 M", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void What_differs_from_the_preset_is_marked_with_what_it_was()
    {
        var changed = Parse(ReportPage.Create(Run)).Descendants("tr").Where(row => (string?)row.Attribute("class") == "changed")
            .Select(row => $"{row.Element("th")!.Value} {row.Element("td")!.Value}");

        Assert.Equal(["width 64 (preset: 128)", "steps 1000 (preset: 2000)"], changed);
    }

    [Fact]
    public void A_known_floor_is_a_line_and_a_figure()
    {
        var page = Parse(ReportPage.Create(Run with { Journal = [new JournalLine { Session = Session with { Reference = new Reference(1, "entropy") } }] }));

        Assert.Contains("Above the entropy30.0 %1.300 with half the context before it, instead of 1.000", page.Value, StringComparison.Ordinal);
        Assert.Contains(page.Descendants("path"), path => (string?)path.Attribute("data-name") == "entropy with half the context");
    }

    [Fact]
    public void A_run_that_has_only_begun_has_a_page_too()
    {
        var page = Parse(ReportPage.Create(Run with { Training = [], Evaluations = [], Journal = [] }));

        Assert.Contains("No step has been reported yet", page.Value, StringComparison.Ordinal);
        Assert.Contains("not complete", page.Value, StringComparison.Ordinal);
        Assert.Contains("train --resume --out", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_run_has_a_small_page()
    {
        const int Count = 200_000;
        var random = new Random(1);
        var page = ReportPage.Create(Run with
        {
            Training = [.. Enumerable.Range(1, Count).Select(i => new MetricsLine { Step = i, Loss = random.NextDouble(), GradientNorm = random.NextDouble(), LearningRate = random.NextDouble() })],
            Evaluations = [.. Enumerable.Range(1, Count / 100).Select(i => new MetricsLine { Step = 100 * i, ValidationLoss = random.NextDouble() })],
            Journal =
            [
                .. Run.Journal,
                .. Enumerable.Range(1, Count / 10).Select(i => new JournalLine { Step = 10 * i, TokensPerSecond = random.NextDouble() }),
                .. Enumerable.Range(1, Count / 100).Select(i => new JournalLine { Step = 100 * i, Sample = new string('x', 10_000) }),
            ],
        });

        Assert.InRange(Encoding.UTF8.GetByteCount(page), 50_000, 300_000);
    }

    private static XElement Parse(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        return XDocument.Parse(page).Root!;
    }
}
