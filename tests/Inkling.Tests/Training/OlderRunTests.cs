using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>Runs that were begun before some fields existed mean what they meant.</summary>
public sealed class OlderRunTests : IDisposable
{
    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void A_run_of_before_patience_origins_and_the_kept_tokenizer_goes_on_to_the_same_bits()
    {
        var whole = _runs.Finish(_runs.Start("whole"));
        _runs.Start("old").Dispose();
        File.Delete(Path.Combine(_runs["old"], "tokenizer.json"));
        Change("run.json", json =>
        {
            json.Remove("from");
            json["training"]!.AsObject().Remove("patience");
            json["training"]!.AsObject().Remove("recompute");
            Assert.True(json["training"]!.AsObject().Remove("precision"));
        });

        var settings = TrainingRun.ReadSettings(_runs["old"]);
        Assert.Equal((null, 0, false), (settings.From, settings.Training.Patience, settings.Training.Recompute));
        Assert.Equal(Precision.Float32, settings.Training.Precision);
        Assert.Equal(whole.State, _runs.Finish(_runs.Resume("old")).State);
    }

    [Fact]
    public void A_run_that_version_1_wrote_goes_on_with_what_came_later_off()
    {
        var source = Path.Combine(RepositoryFolder.Root, "tests", "fixtures", "older_run_1");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_runs["old"], Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var settings = TrainingRun.ReadSettings(_runs["old"]);
        Assert.Equal((0, 128, 10), (settings.Training.SpikeThreshold, settings.Training.SpikeWindow, settings.Training.MaximumSkippedSteps));
        Assert.Equal(Precision.Float32, settings.Training.Precision);
        settings = settings with { CorpusPath = Path.Combine(_runs["old"], "corpus.txt"), Training = settings.Training with { StopAt = 0 } };
        using var run = TrainingRun.Resume(settings, settings.OpenCorpus(), _runs["old"], _runs.Kernels);

        Assert.Equal(4, run.Trainer.Step);
        Assert.Equal(3.44942, run.Continue().OfType<Evaluated>().Last().ValidationLoss, 1e-4); // other vectors have another rounding
        Assert.Equal((8, 8), (run.Trainer.Step, run.Trainer.Updates));
    }

    [Fact]
    public void A_checkpoint_of_before_a_field_of_the_shape_and_before_training_losses_goes_on_to_the_same_bits()
    {
        var whole = _runs.Finish(_runs.Start("whole"));
        using (var run = _runs.Start("old"))
        {
            _ = run.Continue().OfType<CheckpointSaved>().First();
        }

        const string Checkpoint = "checkpoints/step-000002";
        Change("run.json", json => json["model"]!.AsObject().Remove("positions"));
        Change($"{Checkpoint}/state.json", json =>
        {
            json["model"]!.AsObject().Remove("positions");
            Array.ForEach(["lastValidationLoss", "trainingLossAtBest", "trainingLossSum", "trainingLossCount", "precision"], name => Assert.True(json.Remove(name)));
        });
        var state = File.ReadAllBytes(Path.Combine(_runs["old"], Checkpoint, "state.json"));
        var manifest = Manifest.Read(Path.Combine(_runs["old"], Checkpoint, "manifest.json"));
        var changed = new ManifestFile { Name = "state.json", Bytes = state.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(state)) };
        using (var stream = File.Create(Path.Combine(_runs["old"], Checkpoint, "manifest.json")))
        {
            (manifest with { Files = [.. manifest.Files.Select(file => file.Name == changed.Name ? changed : file)] }).Write(stream);
        }

        var resumed = _runs.Finish(_runs.Resume("old"));
        Assert.Equal(whole.State, resumed.State);
        Assert.Equal((2L, null), resumed.Events.OfType<Evaluated>().Select(evaluated => (evaluated.Step, evaluated.TrainingLoss)).First());
    }

    [Fact]
    public void A_state_without_training_losses_begins_their_mean_anew()
    {
        var state = new TrainingState
        {
            Version = "0.1.0",
            Kernels = "CPU",
            Step = 5,
            Update = 5,
            BestValidationLoss = 2,
            BestStep = 3,
            Seed = 1,
            CorpusSha256 = "",
            TokenizerSha256 = "",
            Model = [],
            Training = [],
        };
        var history = new LossHistory(state);

        Assert.Equal((2.0, 3, null), (history.BestValidationLoss, history.BestStep, history.TrainingLoss));
        Assert.False(history.AddEvaluation(6, 3));
        Assert.False(history.AddEvaluation(7, 3));
    }

    [Theory]
    [InlineData("""{"path":"a"}""", "$.from: field \"weightsSha256\" is missing")]
    [InlineData("""{"path":null,"weightsSha256":null}""", "$.from.path: the value does not fit the field")]
    [InlineData("""{"path":"a","weightsSha256":7}""", "$.from.weightsSha256: the value does not fit the field")]
    [InlineData("3", "$.from: expected an object")]
    public void An_origin_that_cannot_be_is_named(string from, string message)
    {
        _runs.Start("old").Dispose();
        Change("run.json", json => json["from"] = JsonNode.Parse(from));

        Assert.Equal(
            $"{Path.Combine(_runs["old"], "run.json")}, {message}",
            Assert.Throws<ModelFormatException>(() => TrainingRun.ReadSettings(_runs["old"])).Message);
    }

    /// <summary>Changes a file of a run of before there was a manifest in its folder.</summary>
    private void Change(string name, Action<JsonObject> change)
    {
        File.Delete(Path.Combine(_runs["old"], "manifest.json"));
        var path = Path.Combine(_runs["old"], name);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
