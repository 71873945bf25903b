using System.Text.Json.Nodes;
using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class MetricsLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder["metrics.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_can_be_read_while_the_log_is_open_and_go_on_where_it_was_closed()
    {
        using (var log = new MetricsLog(LogPath))
        {
            log.Append(1, new JsonObject { ["loss"] = 0.1, ["note"] = "a\nb" });
            Assert.Equal("{\"step\":1,\"loss\":0.1,\"note\":\"a\\nb\"}\n", ReadShared());
        }

        using (var log = new MetricsLog(LogPath))
        {
            log.Append(2, []);
        }

        Assert.Equal("{\"step\":1,\"loss\":0.1,\"note\":\"a\\nb\"}\n{\"step\":2}\n", File.ReadAllText(LogPath));
    }

    [Fact]
    public void A_number_that_is_not_finite_is_written_as_text()
    {
        using (var log = new MetricsLog(LogPath))
        {
            log.Append(1, new JsonObject { ["loss"] = double.NaN, ["norm"] = float.PositiveInfinity });
        }

        Assert.Equal("{\"step\":1,\"loss\":\"NaN\",\"norm\":\"Infinity\"}\n", File.ReadAllText(LogPath));
    }

    [Fact]
    public void A_step_that_was_skipped_says_why_and_names_its_batch()
    {
        using (var log = new MetricsLog(LogPath))
        {
            log.Append(new StepResult(1, 2.5, 0.5, 0.001, StepOutcome.Applied));
            log.Append(new StepResult(2, double.NaN, 0.5, 0.001, StepOutcome.NotFinite), [1_234, 7]);
            log.Append(new StepResult(3, 9.5, 0.5, 0.001, StepOutcome.Spike), [5_000_000_000]);
        }

        Assert.Equal(
            """
            {"step":1,"loss":2.5,"gradientNorm":0.5,"learningRate":0.001,"isApplied":true}
            {"step":2,"loss":"NaN","gradientNorm":0.5,"learningRate":0.001,"isApplied":false,"skipped":"notFinite","windows":[1234,7]}
            {"step":3,"loss":9.5,"gradientNorm":0.5,"learningRate":0.001,"isApplied":false,"skipped":"spike","windows":[5000000000]}

            """.ReplaceLineEndings("\n"),
            File.ReadAllText(LogPath));
    }

    [Theory]
    [InlineData("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n", "{\"step\":1}\n{\"step\":2}\n")]
    [InlineData("{\"step\":1}\n{\"step\":2}", "{\"step\":1}\n")] // whole, but perhaps not all of it
    [InlineData("{\"step\":1}\n{\"step\":2,\"lo", "{\"step\":1}\n")]
    [InlineData("{\"step\":3}\n{\"step\":2}\n", "{\"step\":2}\n")]
    [InlineData("\n[]\n{}\nnull\n{\"step\":\"1\"}\n{\"step\":1.5}\n{\"step\":1e400}\n{\"loss\":1,\"step\":1}\n", "{\"loss\":1,\"step\":1}\n")]
    [InlineData("{\"step\":1}\n\0\0\0\0", "{\"step\":1}\n")]
    [InlineData("", "")]
    public void Cutting_back_keeps_whole_lines_up_to_the_step(string before, string after)
    {
        File.WriteAllText(LogPath, before);

        MetricsLog.CutBackTo(LogPath, 2);

        Assert.Equal(after, File.ReadAllText(LogPath));
        Assert.Equal(["metrics.jsonl"], _folder.Entries());
    }

    [Fact]
    public void Cutting_back_a_log_that_is_not_there_does_nothing()
    {
        MetricsLog.CutBackTo(LogPath, 2);

        Assert.Empty(_folder.Entries());
    }

    private string ReadShared()
    {
        using var reader = new StreamReader(new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
