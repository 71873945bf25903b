using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Kernels.Reference;
using Inkling.Models;
using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReferenceKernels<float> _kernels = new();
    private readonly Gpt _model;
    private readonly DeviceBuffer _first;
    private readonly DeviceBuffer _second;
    private readonly RunFolder _run;
    private readonly HashSet<long> _leftOut = [];

    public CheckpointTests()
    {
        _model = TinyGpt.Create(_kernels, TinyGpt.Config with { LayerCount = 1 });
        _first = TinyGpt.Mirror(_model.Parameters, seed: 2);
        _second = TinyGpt.Mirror(_model.Parameters, seed: 3);
        _run = RunFolder.Create(_folder["run"]);
    }

    public void Dispose()
    {
        _run.Dispose();
        _second.Dispose();
        _first.Dispose();
        _model.Dispose();
        _kernels.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("float")]
    [InlineData("double")]
    public void All_tensors_come_back_to_the_bit(string kernelName)
    {
        using var kernels = TinyGpt.Kernels(kernelName);
        using var model = TinyGpt.Create(kernels, seed: 1);
        using var first = TinyGpt.Mirror(model.Parameters, seed: 2);
        using var second = TinyGpt.Mirror(model.Parameters, seed: 3);
        using var other = TinyGpt.Create(kernels, seed: 4);
        using var otherFirst = other.Parameters.CreateMirror();
        using var otherSecond = other.Parameters.CreateMirror();

        Checkpoint.Save(_run, Record, State(500), model.Parameters, first, second);
        FindNewest()!.Restore(other.Parameters, otherFirst, otherSecond);

        Assert.Equal(TinyGpt.Read(model.Parameters, model.Parameters.Values), TinyGpt.Read(other.Parameters, other.Parameters.Values));
        Assert.Equal(TinyGpt.Read(model.Parameters, first), TinyGpt.Read(other.Parameters, otherFirst));
        Assert.Equal(TinyGpt.Read(model.Parameters, second), TinyGpt.Read(other.Parameters, otherSecond));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.1)]
    [InlineData(1.0 / 3)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void The_state_comes_back_to_the_bit(double? loss)
    {
        var state = State(500) with
        {
            Update = 499,
            BestValidationLoss = loss,
            BestStep = 250,
            EvaluationOwed = true,
            EvaluationsWithoutImprovement = 3,
            Seed = ulong.MaxValue,
        };
        Save(state);

        var found = FindNewest()!.State;

        Assert.Equal(state with { Model = found.Model, Training = found.Training }, found);
        Assert.True(JsonNode.DeepEquals(state.Model, found.Model));
        Assert.True(JsonNode.DeepEquals(state.Training, found.Training));
    }

    [Fact]
    public void A_checkpoint_is_a_folder_of_seven_files_and_nothing_else_is_left()
    {
        Save(State(500));

        Assert.Equal(["step-000500"], _folder.Entries("run/checkpoints"));
        Assert.Equal(
            ["first-moments.safetensors", "manifest.json", "run.json", "second-moments.safetensors", "state.json", "tokenizer.json", "weights.safetensors"],
            _folder.Entries("run/checkpoints/step-000500"));
    }

    [Fact]
    public void Without_checkpoints_there_is_none()
    {
        Assert.Null(Checkpoint.FindNewest(_run, out var skipped));
        Assert.Empty(skipped);
    }

    [Fact]
    public void The_newest_counts_by_number_and_not_by_name()
    {
        Save(State(999_999));
        Save(State(1_000_000));

        Assert.Equal(1_000_000, FindNewest()!.State.Step);
        Assert.Equal(["step-1000000", "step-999999"], _folder.Entries("run/checkpoints"));
    }

    [Theory]
    [InlineData(1, "step-000004")]
    [InlineData(3, "step-000002 step-000003 step-000004")]
    public void The_last_ones_are_kept(int keepCount, string expected)
    {
        for (var step = 1; step <= 4; step++)
        {
            Save(State(step), keepCount);
        }

        Assert.Equal(expected, string.Join(' ', _folder.Entries("run/checkpoints")));
    }

    [Fact]
    public void At_least_one_is_kept()
        => Assert.Equal("keepCount", Assert.Throws<ArgumentOutOfRangeException>(() => Save(State(1), keepCount: 0)).ParamName);

    [Fact]
    public void A_damaged_one_of_a_later_step_does_not_push_out_the_newest_good_one_and_makes_way_in_its_turn()
    {
        Save(State(1));
        Save(State(9));
        File.Delete(PathOf(9, "state.json"));

        Save(State(2), keepCount: 1);
        Assert.Equal(["step-000002", "step-000009"], _folder.Entries("run/checkpoints"));

        Save(State(9), keepCount: 1);
        Assert.Equal(["step-000009"], _folder.Entries("run/checkpoints"));
        Assert.Equal(9, FindNewest()!.State.Step);
    }

    [Fact]
    public void The_best_and_the_one_gone_on_from_are_kept_besides_the_newest()
    {
        foreach (var step in new[] { 1, 2, 3, 4, 5, 6 })
        {
            Save(State(step), keepCount: 2, 2, 3);
        }

        Assert.Equal(["step-000002", "step-000003", "step-000005", "step-000006"], _folder.Entries("run/checkpoints"));
        Save(State(7), keepCount: 1, 7, 3);
        Assert.Equal(["step-000003", "step-000007"], _folder.Entries("run/checkpoints"));
    }

    [Fact]
    public void One_that_is_no_good_counts_for_none()
    {
        Save(State(1));
        Save(State(2));
        Save(State(3));
        File.Delete(PathOf(3, "state.json"));
        _leftOut.Add(3);
        Save(State(4));

        Assert.Equal(["step-000002", "step-000004"], _folder.Entries("run/checkpoints"));
    }

    [Fact]
    public void One_of_another_run_is_left_out_with_the_difference()
    {
        SaveTwo();

        var found = Checkpoint.FindNewest(_run, out var skipped, state => state.Step == 2 ? "belongs to another run" : null);

        Assert.Equal(1, found!.State.Step);
        Assert.Equal([(2L, $"{PathOf(2)}: belongs to another run")], skipped);
    }

    [Fact]
    public void A_step_can_be_saved_again()
    {
        Save(State(5) with { EvaluationOwed = true });
        Save(State(5));

        Assert.False(FindNewest()!.State.EvaluationOwed);
        Assert.Equal(["step-000005"], _folder.Entries("run/checkpoints"));
    }

    [Fact]
    public void A_crash_while_a_step_is_saved_again_loses_nothing()
    {
        Save(State(4));
        Save(State(5));
        Directory.Move(PathOf(5), PathOf(5) + ".replaced");

        Assert.Equal(5, FindNewest()!.State.Step);

        Save(State(5) with { EvaluationOwed = true });
        Assert.True(FindNewest()!.State.EvaluationOwed);
        Assert.Equal(["step-000004", "step-000005"], _folder.Entries("run/checkpoints"));
    }

    [Fact]
    public void A_save_that_fails_leaves_the_previous_checkpoint_and_nothing_else()
    {
        Save(State(1));
        using var tooSmall = _kernels.Allocate(DType.Float32, 1);

        Assert.ThrowsAny<ArgumentException>(() => Checkpoint.Save(_run, Record, State(2), _model.Parameters, _first, tooSmall));

        Assert.Equal(["step-000001"], _folder.Entries("run/checkpoints"));
        Assert.Equal(1, FindNewest()!.State.Step);
    }

    [Fact]
    public void Other_folders_and_unfinished_ones_are_not_checkpoints()
    {
        Save(State(1));
        foreach (var name in new[] { ".tmp-x", "step-5", "step-000005x", "step-99999999999999999999", "best" })
        {
            Directory.CreateDirectory(_folder[$"run/checkpoints/{name}"]);
        }

        Assert.Equal(1, Checkpoint.FindNewest(_run, out var skipped)!.State.Step);
        Assert.Empty(skipped);
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("first-moments.safetensors")]
    [InlineData("second-moments.safetensors")]
    [InlineData("state.json")]
    [InlineData("run.json")]
    [InlineData("tokenizer.json")]
    [InlineData("manifest.json")]
    public void A_missing_file_means_that_the_one_before_is_used(string name)
    {
        SaveTwo();
        File.Delete(PathOf(2, name));

        Skipped($"{PathOf(2, name)}: does not exist");
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("first-moments.safetensors")]
    [InlineData("second-moments.safetensors")]
    [InlineData("state.json")]
    [InlineData("run.json")]
    [InlineData("tokenizer.json")]
    public void A_file_truncated_anywhere_means_that_the_one_before_is_used(string name)
    {
        SaveTwo();
        var bytes = File.ReadAllBytes(PathOf(2, name));
        for (var length = bytes.Length - 1; length > 0; length -= 1 + (bytes.Length / 20))
        {
            File.WriteAllBytes(PathOf(2, name), bytes[..length]);
            Skipped($"{PathOf(2, name)}: has {length} bytes instead of {bytes.Length}");
        }
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("first-moments.safetensors")]
    [InlineData("second-moments.safetensors")]
    [InlineData("state.json")]
    [InlineData("run.json")]
    [InlineData("tokenizer.json")]
    public void A_changed_bit_anywhere_means_that_the_one_before_is_used(string name)
    {
        SaveTwo();
        var bytes = File.ReadAllBytes(PathOf(2, name));
        for (var i = 0; i < bytes.Length; i += 1 + (bytes.Length / 50))
        {
            var flipped = (byte)(1 << (i % 8));
            bytes[i] ^= flipped;
            File.WriteAllBytes(PathOf(2, name), bytes);
            Skipped($"{PathOf(2, name)}: is damaged: its hash is not the one in manifest.json");
            bytes[i] ^= flipped;
        }
    }

    [Fact]
    public void Every_flipped_byte_and_every_truncation_of_the_manifest_is_noticed()
    {
        SaveTwo();
        var path = PathOf(2, "manifest.json");
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i += 5)
        {
            var flipped = (byte)(1 << (i % 8));
            bytes[i] ^= flipped;
            File.WriteAllBytes(path, bytes);
            Assert.Equal(1, Checkpoint.FindNewest(_run, out _)!.State.Step);
            bytes[i] ^= flipped;

            File.WriteAllBytes(path, bytes[..i]);
            Assert.Equal(1, Checkpoint.FindNewest(_run, out _)!.State.Step);
        }
    }

    [Theory]
    [InlineData("", ": is empty, or no regular file")]
    [InlineData("[]", ": is not a JSON object")]
    [InlineData("{\n  \"formatVersion\": 1,\n  \"step\": 2,\n  \"files\": []\n}", ": does not list weights.safetensors")]
    [InlineData("""{"formatVersion":1,"step":2,"files":[]}""", ": is not as it was written")]
    [InlineData("""{"formatVersion":2,"step":2,"files":[]}""", ", $.formatVersion: the format version is not 1, the one that this version of Inkling reads")]
    [InlineData("""{"formatVersion":1,"step":2,"files":[{"name":"../weights.safetensors","bytes":1,"sha256":""}]}""", ", $.files: lists something else than files of this folder")]
    [InlineData("""{"formatVersion":1,"step":2,"files":null}""", ", $.files: the value does not fit the field")]
    [InlineData("""{"formatVersion":1,"step":2,"files":[null]}""", ", $.files: lists something else than files of this folder")]
    [InlineData("""{"formatVersion":1,"step":2,"files":[{"name":"weights.safetensors","bytes":"1","sha256":""}]}""", ", $.files[0].bytes: the value does not fit the field")]
    [InlineData("""{"formatVersion":1,"step":2}""", ", $: the value does not fit the field")]
    public void A_manifest_that_cannot_be_means_that_the_one_before_is_used(string manifest, string message)
    {
        SaveTwo();
        File.WriteAllText(PathOf(2, "manifest.json"), manifest);

        Skipped(PathOf(2, "manifest.json") + message);
    }

    [Fact]
    public void A_checkpoint_under_the_name_of_another_step_is_not_used()
    {
        SaveTwo();
        Directory.Move(PathOf(2), PathOf(3));

        Skipped($"{PathOf(3)}: is of step 3 by its name, 2 by its manifest and 2 by its state");
    }

    [Fact]
    public void A_manifest_of_another_step_is_not_used()
    {
        SaveTwo();
        var path = PathOf(2, "manifest.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"step\": 2", "\"step\": 1", StringComparison.Ordinal));

        Skipped($"{PathOf(2)}: is of step 2 by its name, 1 by its manifest and 2 by its state");
    }

    [Fact]
    public void When_all_are_damaged_each_is_named()
    {
        SaveTwo();
        File.Delete(PathOf(1, "manifest.json"));
        File.Delete(PathOf(2, "manifest.json"));

        Assert.Null(Checkpoint.FindNewest(_run, out var skipped));
        Assert.Equal([(2L, $"{PathOf(2, "manifest.json")}: does not exist"), (1L, $"{PathOf(1, "manifest.json")}: does not exist")], skipped);
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused()
    {
        Save(State(1));
        using var other = TinyGpt.Create(_kernels, TinyGpt.Config with { LayerCount = 2 });
        using var mirror = other.Parameters.CreateMirror();

        Assert.Equal(
            $"{PathOf(1, "weights.safetensors")}: the tensors do not fit the model: missing h.1.ln_1.weight, h.1.ln_1.bias, h.1.attn.c_attn.weight and 9 more",
            Assert.Throws<ModelFormatException>(() => FindNewest()!.Restore(other.Parameters, mirror, mirror)).Message);
    }

    [Fact]
    public void What_differs_from_the_checkpoint_is_named()
    {
        var saved = State(1);
        var current = State(900) with
        {
            Seed = 2,
            TokenizerSha256 = "other",
            Model = GptConfigJson.Write(TinyGpt.Config with { HeadCount = 4 }),
            Training = new JsonObject { ["learningRate"] = 0.002 },
        };

        Assert.Empty(saved.DifferencesTo(State(2) with { Version = "9", BestStep = 1 }));
        Assert.Equal(
            [
                "seed was 7 and is 2", "tokenizerSha256 was \"tokenizer\" and is \"other\"", "model.headCount was 2 and is 4",
                "training.learningRate was 0.001 and is 0.002",
            ],
            saved.DifferencesTo(current));
    }

    private static RunRecord Record { get; } = new(new RunSettings { Model = TinyGpt.Config, Training = new TrainingOptions() }) { Tokenizer = TinyGpt.Tokenizer };

    private static TrainingState State(long step) => new()
    {
        Kernels = "CPU",
        Version = "0.1.0",
        Step = step,
        Update = step,
        Seed = 7,
        CorpusSha256 = "corpus",
        TokenizerSha256 = "tokenizer",
        Model = GptConfigJson.Write(TinyGpt.Config),
        Training = new JsonObject { ["learningRate"] = 0.001 },
    };

    private string PathOf(long step, string name = "") => Path.Combine(_folder[$"run/checkpoints/step-{step:D6}"], name);

    private void Save(TrainingState state, int keepCount = 2, params ReadOnlySpan<long> alsoKept)
    {
        Checkpoint.Save(_run, Record, state, _model.Parameters, _first, _second);
        Checkpoint.DeleteOld(_run, state.Step, keepCount, _leftOut, alsoKept);
    }

    private void SaveTwo()
    {
        Save(State(1));
        Save(State(2));
    }

    private Checkpoint? FindNewest()
    {
        var found = Checkpoint.FindNewest(_run, out var skipped);
        Assert.Empty(skipped);
        return found;
    }

    private void Skipped(string message)
    {
        Assert.Equal(1, Checkpoint.FindNewest(_run, out var skipped)!.State.Step);
        Assert.Equal([(2L, message)], skipped.Select(each => (2L, each.Reason)));
    }
}
