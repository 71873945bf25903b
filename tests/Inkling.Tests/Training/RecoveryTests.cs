using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Formats;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>A run whose folder has been damaged, emptied or copied together by hand.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    // A flipped byte and a truncation in each file that a run needs, in the middle of the run.
    [Theory]
    [InlineData("run.json")]
    [InlineData("tokenizer.json")]
    [InlineData("manifest.json")]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("inkling.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("checkpoints/step-000004/weights.safetensors")]
    [InlineData("checkpoints/step-000004/second-moments.safetensors")]
    [InlineData("checkpoints/step-000004/state.json")]
    [InlineData("checkpoints/step-000004/run.json")]
    [InlineData("checkpoints/step-000004/tokenizer.json")]
    [InlineData("checkpoints/step-000004/manifest.json")]
    public void A_damaged_file_is_named_and_the_run_ends_as_if_it_had_not_been(string name)
    {
        var whole = _runs.Finish(_runs.Start("whole"));
        var random = new Random(3);
        foreach (var damage in new Func<byte[], byte[]>[] { bytes => Flip(bytes, random), bytes => bytes[..random.Next(bytes.Length)], _ => [] })
        {
            var folder = $"{Path.GetFileName(name)}-{random.Next()}";
            Interrupt(folder, afterSaving: 4);
            var path = Path.Combine(_runs[folder], name);
            File.WriteAllBytes(path, damage(File.ReadAllBytes(path)));

            using var resumed = _runs.Resume(folder);
            // What a manifest says of a file cannot be told from what the file says of itself.
            var named = name == "manifest.json" ? _runs[folder] : path;
            Assert.Contains(resumed.Notes, note => note.Contains(named, StringComparison.Ordinal));
            EndsLike(whole, resumed);
        }
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("cut")]
    [InlineData("flip")]
    public void Metrics_that_are_damaged_are_named_and_change_no_number(string damage)
    {
        var whole = _runs.Finish(_runs.Start("whole"));
        Interrupt("a", afterSaving: 4);
        var path = _runs["a/metrics.jsonl"];
        var text = File.ReadAllText(path);
        File.WriteAllText(path, damage switch { "delete" => "", "cut" => text[(text.IndexOf('\n') + 1)..], _ => text.Replace("\"loss\":3", "\"loss\":4", StringComparison.Ordinal) });

        using var resumed = _runs.Resume("a");
        Assert.Contains(resumed.Notes, note => note.StartsWith($"{path} is not what it was at step 4", StringComparison.Ordinal));
        var outcome = _runs.Finish(resumed);
        Assert.Equal(whole.State, outcome.State);
        Assert.Equal(whole.Model, outcome.Model);
    }

    [Fact]
    public void A_finished_model_without_checkpoints_is_not_begun_again()
    {
        var whole = _runs.Finish(_runs.Start("a"));
        Directory.Delete(_runs["a/checkpoints"], recursive: true);

        var error = Assert.Throws<RunFolderException>(() => _runs.Resume("a"));
        Assert.Equal(
            $"{_runs["a"]} has a model but no checkpoint to go on from. Go on from the model with --from {_runs["a"]}, or begin another run with --out.",
            error.Message);
        Assert.Equal(whole.Model, File.ReadAllBytes(_runs["a/model.safetensors"]));
        Assert.Equal(whole.Metrics, File.ReadAllText(_runs["a/metrics.jsonl"]));
    }

    [Fact]
    public void A_checkpoint_alone_is_a_run_that_can_go_on()
    {
        var whole = _runs.Finish(_runs.Start("whole"));
        Interrupt("first", afterSaving: 4);
        Copy("first/checkpoints/step-000004", "copied/checkpoints/step-000004");

        using var resumed = _runs.Resume("copied");
        Assert.Contains(resumed.Notes, note => note.EndsWith("What the run was begun with is taken from step-000004.", StringComparison.Ordinal));

        Assert.Contains(
            resumed.Notes,
            note => note.EndsWith(
                "The checkpoint of the best model, of step 2, is gone: the model of step 4 takes its place until a better one is found.", StringComparison.Ordinal));
        Assert.Equal(4, (long)ModelFolder.Verify(_runs["copied"])["step"]!);
        var outcome = _runs.Finish(resumed);
        Assert.Equal(whole.State, outcome.State);
        Assert.Equal(whole.Model, outcome.Model);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_left_out_with_the_difference_and_left_alone()
    {
        var whole = _runs.Finish(_runs.Start("whole"));
        var other = _runs.Start("other", TinyRuns.Settings with { Training = TinyRuns.Settings.Training with { Seed = 8 } });
        _runs.Finish(other);
        Interrupt("mixed", afterSaving: 4);
        Copy("other/checkpoints/step-000006", "mixed/checkpoints/step-000009");
        Copy("other/checkpoints/step-000006", "mixed/checkpoints/step-000006");
        Copy("mixed/checkpoints/step-000004", "mixed/checkpoints/step-000004 (copy)");

        using var resumed = _runs.Resume("mixed");
        Assert.Equal(
            [
                $"Checkpoint left out: {_runs["mixed/checkpoints/step-000009"]}: is of step 9 by its name, 6 by its manifest and 6 by its state",
                $"Checkpoint left out: {_runs["mixed/checkpoints/step-000006"]}: belongs to another run: seed was 8 and is 7; training.seed was 8 and is 7",
                "The run goes on at step 4.",
            ],
            resumed.Notes);
        EndsLike(whole, resumed);
        Assert.True(Directory.Exists(_runs["mixed/checkpoints/step-000009"]));
        Assert.True(Directory.Exists(_runs["mixed/checkpoints/step-000004 (copy)"]));
    }

    [Fact]
    public void The_folder_of_a_checkpoint_is_not_taken_for_a_run()
    {
        Interrupt("a", afterSaving: 4);
        var checkpoint = _runs["a/checkpoints/step-000004"];

        var error = Assert.Throws<RunFolderException>(() => TrainingRun.ReadSettings(checkpoint));
        Assert.Equal($"{checkpoint} is the checkpoint of step 4; resume the run that it belongs to, by the folder that has the checkpoints in it.", error.Message);
    }

    [Fact]
    public void The_checkpoint_gone_on_from_stays_however_few_are_kept()
    {
        Interrupt("a", afterSaving: 3);

        using var resumed = _runs.Resume("a", options => options with { KeepCheckpoints = 1, SaveEvery = 1 });
        foreach (var happened in resumed.Continue())
        {
            Assert.True(Directory.Exists(_runs["a/checkpoints/step-000003"]), $"{happened}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_newest_and_the_best_are_kept_and_no_others(int keepCount)
    {
        var settings = TinyRuns.Settings with
        {
            // A rate that makes it worse towards the end.
            Training = TinyRuns.Settings.Training with
            {
                Steps = 12,
                EvaluateEvery = 2,
                SaveEvery = 1,
                KeepCheckpoints = keepCount,
                LearningRate = 0.5,
                WarmupSteps = 8,
                Schedule = ScheduleKind.Constant,
            },
        };
        using var run = _runs.Start("a", settings);
        _ = run.Continue().Count();
        Assert.InRange(run.BestStep, 2, 12 - keepCount);

        string[] expected = [$"step-{run.BestStep:D6}", .. Enumerable.Range(13 - keepCount, keepCount).Select(step => $"step-{step:D6}")];
        Assert.Equal(expected, Directory.EnumerateDirectories(_runs["a/checkpoints"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_text_of_which_a_byte_has_changed_is_refused()
    {
        Interrupt("a", afterSaving: 4);
        var bytes = TinyRuns.Corpus.Bytes.ToArray();
        bytes[17] ^= 2;

        var error = Assert.Throws<RunFolderException>(() => _runs.Resume("a", corpus: new TextCorpus("words", bytes)));
        Assert.Contains("is not the one it was begun with. Its SHA-256 was ", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Flip(byte[] bytes, Random random)
    {
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private void Interrupt(string name, int afterSaving)
    {
        using var run = _runs.Start(name);
        _ = run.Continue().First(happened => happened is CheckpointSaved && happened.Step == afterSaving);

        // The best so far is there.
        Assert.Equal(2, run.BestStep);
    }

    private void EndsLike(TinyRuns.Outcome whole, TrainingRun resumed)
    {
        var outcome = _runs.Finish(resumed);
        Assert.Equal(whole.State, outcome.State);
        Assert.Equal(whole.Metrics, outcome.Metrics);
        Assert.Equal(whole.Model, outcome.Model);
        Assert.Equal(JsonValue.Create(resumed.BestStep).ToJsonString(), ModelFolder.Verify(resumed.FolderPath)["step"]!.ToJsonString());
    }

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(_runs[to]);
        foreach (var file in Directory.EnumerateFiles(_runs[from]))
        {
            File.Copy(file, Path.Combine(_runs[to], Path.GetFileName(file)));
        }
    }
}
