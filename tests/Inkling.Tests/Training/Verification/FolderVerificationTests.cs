using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels.Reference;
using Inkling.Tests.Formats;
using Inkling.Training;
using Inkling.Training.Verification;

namespace Inkling.Tests.Training.Verification;

public sealed class FolderVerificationTests(FolderVerificationTests.FinishedRun finished) : IClassFixture<FolderVerificationTests.FinishedRun>, IDisposable
{
    private const string Newest = "checkpoints/step-000006";
    private const string Older = "checkpoints/step-000004";

    private static readonly string[] OfModel =
        ["config.json", "generation_config.json", "inkling.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

    private static readonly string[] OfCheckpoint =
        ["first-moments.safetensors", "manifest.json", "run.json", "second-moments.safetensors", "state.json", "tokenizer.json", "weights.safetensors"];

    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_a_good_run_every_file_is_looked_at_and_nothing_changes()
    {
        CopyRun();
        var before = Snapshot();
        var bytesRead = new Dictionary<string, long>();

        var verified = FolderVerification.Of(Run, (path, bytes) => bytesRead[path] = bytesRead.GetValueOrDefault(path) + bytes);

        Assert.Empty(Faults(verified));
        Assert.Equal((FolderKind.Run, 2, 0, 6L, false), (verified.Kind, verified.CheckpointCount, verified.FaultCount, verified.ResumeStep, verified.RestoresModel));
        Assert.Equal(
            [.. OfModel.Concat(["manifest.json", "metrics.jsonl", "run.json"]).Concat(OfCheckpoint.SelectMany(name => new[] { $"{Older}/{name}", $"{Newest}/{name}" })).Order(StringComparer.Ordinal)],
            verified.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.All(verified.Files, file => Assert.Equal((file.Bytes, 0), (new FileInfo(Path.Combine(Run, file.Path)).Length, file.Notes.Count)));

        // Once for the hash, and once for the numbers.
        Assert.InRange(bytesRead["model.safetensors"], 1, 2 * new FileInfo(Path.Combine(Run, "model.safetensors")).Length);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void A_flipped_byte_is_found_in_every_file()
    {
        CopyRun();
        var random = new Random(5);
        foreach (var path in Directory.GetFiles(Run, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ".lock").Order(StringComparer.Ordinal))
        {
            var (name, good) = (Relative(path), File.ReadAllBytes(path));
            for (var i = 0; i < 4; i++)
            {
                var bad = good.ToArray();
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bad);
                var verified = FolderVerification.Of(Run);

                // What is changed inside the lines of the metrics may be lines as good as before. A manifest that has another hash accuses the file.
                if (name == "metrics.jsonl")
                {
                    Assert.All(Faults(verified), fault => Assert.StartsWith("metrics.jsonl: ", fault, StringComparison.Ordinal));
                }
                else if (name.EndsWith("manifest.json", StringComparison.Ordinal))
                {
                    Assert.Contains(Faults(verified), fault => fault.StartsWith(name[..^"manifest.json".Length], StringComparison.Ordinal));
                }
                else
                {
                    Assert.Contains($"{name}: is damaged: its hash is not the one in manifest.json", Faults(verified));
                }
            }

            File.WriteAllBytes(path, good);
        }

        Assert.Empty(Faults(FolderVerification.Of(Run)));
    }

    [Fact]
    public void A_cut_or_deleted_file_is_found_and_what_it_takes_to_resume_is_true()
    {
        CopyRun();
        foreach (var path in Directory.GetFiles(Run, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ".lock").Order(StringComparer.Ordinal))
        {
            var (name, good) = (Relative(path), File.ReadAllBytes(path));
            File.WriteAllBytes(path, good[..(good.Length / 2)]);
            Assert.Contains(Faults(FolderVerification.Of(Run)), fault => fault.StartsWith($"{name}: ", StringComparison.Ordinal));

            File.Delete(path);
            var verified = FolderVerification.Of(Run);
            if (name == "manifest.json")
            {
                Assert.Empty(Faults(verified));
                Assert.StartsWith("there is none", verified.Files.Single(file => file.Path == name).Notes[0], StringComparison.Ordinal);
            }
            else
            {
                Assert.Contains(Faults(verified), fault => fault.StartsWith($"{name}: is missing", StringComparison.Ordinal));
            }

            Assert.Equal((name, OfModel.Contains(name), name.StartsWith(Newest, StringComparison.Ordinal) ? 4 : 6), (name, verified.RestoresModel, verified.ResumeStep));
            if (!name.Contains('/') && name is not ("manifest.json" or "metrics.jsonl"))
            {
                finished.Resume(Run);
                Assert.Empty(Faults(FolderVerification.Of(Run)));
            }

            File.WriteAllBytes(path, good);
        }
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        CopyRun();
        File.Delete(Path.Combine(Run, "config.json"));
        Change("tokenizer.json", bytes => bytes[..^9]);
        Change("metrics.jsonl", bytes => [.. "{\"step\":9}\nnonsense\n"u8, .. bytes, .. "{\"st"u8]);
        Change($"{Older}/state.json", bytes => [.. "x"u8, .. bytes]);
        Directory.CreateDirectory(Path.Combine(Run, "checkpoints/.tmp-a"));
        Directory.CreateDirectory(Path.Combine(Run, "checkpoints/step-000006.replaced"));
        Directory.CreateDirectory(Path.Combine(Run, "checkpoints/copy of step 6"));
        Directory.CreateDirectory(Path.Combine(Run, ".incoming"));
        File.WriteAllText(Path.Combine(Run, ".tmp-b"), "");

        var verified = FolderVerification.Of(Run);

        var tokenizerBytes = new FileInfo(Path.Combine(Run, "tokenizer.json")).Length;
        Assert.Equal(
            [
                "config.json: is missing, but manifest.json lists it",
                $"tokenizer.json: has {tokenizerBytes} bytes instead of {tokenizerBytes + 9}",
                "metrics.jsonl: line 2 is no JSON object with a step",
                "metrics.jsonl: line 3 is of an earlier step than the one before",
            ],
            Faults(verified).Where(fault => !fault.StartsWith("checkpoints", StringComparison.Ordinal) && !fault.Contains("line 1", StringComparison.Ordinal) && !fault.StartsWith("tokenizer.json: line", StringComparison.Ordinal)));
        Assert.Contains(Faults(verified), fault => fault.EndsWith("the last, has no end: a crash has torn it", StringComparison.Ordinal));
        Assert.Contains(Faults(verified), fault => fault.StartsWith($"{Older}/state.json: line 1, byte 1: ", StringComparison.Ordinal));
        Assert.Equal(
            [".incoming/", ".tmp-b", "checkpoints/.tmp-a/", "checkpoints/copy of step 6/", "checkpoints/step-000006.replaced/"],
            verified.Files.Where(file => file is { Bytes: null, Faults.Count: 0, Notes.Count: 1 }).Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.True(verified.RestoresModel);
    }

    [Fact]
    public void Numbers_that_cannot_be_are_counted_and_located()
    {
        CopyRun();
        SetNumber("model.safetensors", "h.0.attn.c_attn.weight", 99 + 5, float.NaN);
        SetNumber("model.safetensors", "h.0.attn.c_attn.weight", 2, float.PositiveInfinity);
        SetNumber($"{Newest}/second-moments.safetensors", "ln_f.weight", 7, -1);
        SetNumber($"{Newest}/first-moments.safetensors", "ln_f.weight", 7, -1);
        SetNumber($"{Older}/weights.safetensors", "wte.weight", 0, float.NegativeInfinity);

        Assert.Equal(
            [
                "model.safetensors: is damaged: its hash is not the one in manifest.json",
                "model.safetensors: tensor \"h.0.attn.c_attn.weight\": 2 of 3267 numbers are not finite, the first at [0, 2]",
                $"{Newest}/first-moments.safetensors: is damaged: its hash is not the one in manifest.json",
                $"{Newest}/second-moments.safetensors: is damaged: its hash is not the one in manifest.json",
                $"{Newest}/second-moments.safetensors: tensor \"ln_f.weight\": 1 of 33 numbers is negative, the first at [7]",
                $"{Older}/weights.safetensors: is damaged: its hash is not the one in manifest.json",
                $"{Older}/weights.safetensors: tensor \"wte.weight\": 1 of 891 numbers is not finite, the first at [0, 0]",
            ],
            Faults(FolderVerification.Of(Run)).Order(StringComparer.Ordinal).OrderBy(fault => fault.StartsWith(Older, StringComparison.Ordinal)).ThenBy(fault => fault.StartsWith("check", StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_that_hashes_agree_with_may_still_not_belong_together()
    {
        CopyRun();
        var other = _folder["other"];
        finished.Train(other, seed: 8);
        Copy(Path.Combine(other, Older), Path.Combine(Run, Older));
        Copy(Path.Combine(Run, Newest), Path.Combine(Run, "checkpoints/step-000007"));
        Forge("inkling.json", json =>
        {
            json["about"]!["step"] = 1;
            json["model"]!["width"] = 36;
        });
        Forge("config.json", json =>
        {
            json["n_layer"] = 3;
            json["activation_function"] = "relu";
        });

        var faults = Faults(FolderVerification.Of(Run));

        Assert.Equal(
            [
                "inkling.json: is not the model of this run: width was 33 and is 36",
                $"inkling.json: is the model of step 1, but the best one is of step {finished.BestStep}, by the checkpoint of step 6",
                "config.json: $.n_embd: differs from inkling.json, which makes it 36",
                "config.json: $.n_layer: differs from inkling.json, which makes it 2",
                "config.json: $.n_inner: differs from inkling.json, which makes it 144",
                "config.json: $.activation_function: differs from inkling.json, which makes it \"gelu\"",
            ],
            faults[..6]);
        Assert.StartsWith("model.safetensors: the tensors do not fit the model: misshapen ", faults[6], StringComparison.Ordinal);
        Assert.Equal(
            [
                "checkpoints/step-000007/state.json: the checkpoint is of step 7 by its name, 6 by its manifest, 6 by its state",
                $"{Older}/state.json: belongs to another run: seed was 8 and is 7; training.seed was 8 and is 7",
            ],
            faults[7..]);
    }

    [Fact]
    public void Tensors_of_another_model_and_an_unlisted_file_are_found()
    {
        CopyRun();
        using (var kernels = new ReferenceKernels<float>())
        using (var model = TinyGpt.Create(kernels))
        using (var stream = File.Create(Path.Combine(Run, $"{Older}/weights.safetensors")))
        {
            ParameterFile.Save(stream, model.Parameters, model.Parameters.Values);
        }

        Forge(Older + "/weights.safetensors", isListed: true);
        Forge(Older + "/run.json", isListed: false);
        Forge("run.json", isListed: false);

        var verified = FolderVerification.Of(Run);

        Assert.Equal(2, verified.FaultCount);
        Assert.Equal($"{Older}/run.json: is not listed in manifest.json", Faults(verified)[0]);
        Assert.StartsWith($"{Older}/weights.safetensors: the tensors do not fit the model: misshapen wte.weight [4, 4] instead of [27, 33], ", Faults(verified)[1], StringComparison.Ordinal);
        Assert.StartsWith("is not listed in manifest.json", verified.Files.Single(file => file.Path == "run.json").Notes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_checkpoint_or_a_model_is_no_fault()
    {
        finished.Begin(Run);
        var verified = FolderVerification.Of(Run);

        Assert.Empty(Faults(verified));
        Assert.Equal((FolderKind.Run, 0, 0L), (verified.Kind, verified.CheckpointCount, verified.ResumeStep));
        Assert.Equal(["manifest.json", "metrics.jsonl", "run.json", "tokenizer.json"], verified.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_text_of_a_run_may_be_gone_and_must_not_be_another()
    {
        CopyRun();
        var text = _folder["words.txt"];
        Forge("run.json", json => json["corpusPath"] = text);

        var gone = FolderVerification.Of(Run);
        Assert.Empty(Faults(gone));
        Assert.Equal($"its text, {text}, is not there; the run needs it to go on, and evaluate to measure", gone.Files.Single(file => file.Path == "run.json").Notes.Single());
        Assert.Null(gone.ResumeStep);

        File.WriteAllText(text, TinyTraining.Text);
        Assert.Equal(6, FolderVerification.Of(Run).ResumeStep);

        File.WriteAllText(text, "another");
        var other = FolderVerification.Of(Run);
        Assert.StartsWith($"run.json: its text, {text}, is not the one it was begun with: its SHA-256 was ", Faults(other).Single(), StringComparison.Ordinal);
        Assert.Null(other.ResumeStep);
    }

    [Fact]
    public void A_checkpoint_alone_and_a_model_alone_are_looked_at()
    {
        CopyRun();
        Copy(Path.Combine(Run, Newest), _folder["copied"]);
        var checkpoint = FolderVerification.Of(_folder["copied"]);
        Assert.Equal((FolderKind.Checkpoint, 1, 0, null), (checkpoint.Kind, checkpoint.CheckpointCount, checkpoint.FaultCount, checkpoint.ResumeStep));
        Assert.Equal(OfCheckpoint, checkpoint.Files.Select(file => file.Path).Order(StringComparer.Ordinal));

        using var kernels = new ReferenceKernels<float>();
        using var model = TinyGpt.Create(kernels);
        ModelFolder.Save(_folder["model"], model, TinyGpt.Tokenizer);
        var alone = FolderVerification.Of(_folder["model"]);
        Assert.Equal((FolderKind.Model, 0), (alone.Kind, alone.FaultCount));
        Assert.Equal([.. OfModel.Append("manifest.json").Order(StringComparer.Ordinal)], alone.Files.Select(file => file.Path).Order(StringComparer.Ordinal));

        File.Delete(_folder["model/tokenizer.json"]);
        File.Delete(_folder["model/manifest.json"]);
        Assert.Equal(["tokenizer.json: is missing"], Faults(FolderVerification.Of(_folder["model"])));
    }

    [Fact]
    public void A_bias_that_the_model_lacks_must_be_zero()
    {
        using var kernels = new ReferenceKernels<float>();
        using var model = TinyGpt.Create(kernels, TinyGpt.Config with { Biases = Inkling.Models.BiasPlacement.None });
        ModelFolder.Save(Run, model, TinyGpt.Tokenizer);
        File.Delete(Path.Combine(Run, "manifest.json"));
        Assert.Empty(Faults(FolderVerification.Of(Run)));

        SetNumber("model.safetensors", "h.1.ln_1.bias", 3, 1);

        Assert.Equal(
            ["model.safetensors: tensor \"h.1.ln_1.bias\": 1 of 4 numbers is not zero, but the model has no such bias, the first at [3]"],
            Faults(FolderVerification.Of(Run)));
    }

    [Fact]
    public void An_older_run_has_no_hashes_and_is_looked_at_all_the_same()
    {
        Copy(Path.Combine(RepositoryFolder.Root, "tests", "fixtures", "older_run_1"), Run);
        var verified = FolderVerification.Of(Run);

        Assert.Empty(Faults(verified));
        Assert.Equal((FolderKind.Run, 2), (verified.Kind, verified.CheckpointCount));
        Assert.StartsWith("there is none, as from before there were any", verified.Files.Single(file => file.Path == "manifest.json").Notes.Single(), StringComparison.Ordinal);

        SetNumber("model.safetensors", "wte.weight", 3, float.NaN);
        Assert.Equal(["model.safetensors: tensor \"wte.weight\": 1 of 264 numbers is not finite, the first at [0, 3]"], Faults(FolderVerification.Of(Run)));
    }

    [Fact]
    public void An_update_that_was_cut_short_counts()
    {
        CopyRun();
        Directory.CreateDirectory(Path.Combine(Run, ".incoming"));
        foreach (var name in new[] { "config.json", "manifest.json" })
        {
            File.Move(Path.Combine(Run, name), Path.Combine(Run, ".incoming", name));
        }

        File.WriteAllText(Path.Combine(Run, "config.json"), "old");
        var before = Snapshot();

        var verified = FolderVerification.Of(Run);

        Assert.Empty(Faults(verified));
        Assert.Contains(".incoming/config.json", verified.Files.Select(file => file.Path));
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void A_run_that_trains_is_not_disturbed()
    {
        CopyRun();
        using (RunFolder.Resume(Run))
        {
            Assert.Empty(Faults(FolderVerification.Of(Run)));
        }

        RunFolder.Resume(Run).Dispose();
    }

    [Theory]
    [InlineData("none", "there is no such folder")]
    [InlineData("file", "is a file, not a folder")]
    [InlineData("empty", "holds neither a model nor a run nor a checkpoint")]
    public void What_is_no_such_folder_is_said(string name, string problem)
    {
        File.WriteAllText(_folder["file"], "");
        Directory.CreateDirectory(_folder["empty"]);

        Assert.Equal($"{_folder[name]}: {problem}", Assert.Throws<ModelFormatException>(() => FolderVerification.Of(_folder[name])).Message);
    }

    private static string[] Faults(FolderVerification verified) => [.. verified.Files.SelectMany(file => file.Faults.Select(fault => $"{file.Path}: {fault}"))];

    private static void Copy(string from, string to)
    {
        foreach (var path in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target, overwrite: true);
        }
    }

    private void CopyRun() => Copy(finished.FolderPath, Run);

    private string Relative(string path) => Path.GetRelativePath(Run, path).Replace('\\', '/');

    private string[] Snapshot() =>
    [
        .. Directory.GetFileSystemEntries(Run, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O} {(File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "")}"),
    ];

    private void Change(string name, Func<byte[], byte[]> change)
    {
        var path = Path.Combine(Run, name);
        File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
    }

    /// <summary>Changes a file and its entry in the manifest.</summary>
    private void Forge(string name, Action<JsonObject> change)
    {
        Change(name, bytes =>
        {
            var json = JsonNode.Parse(bytes)!.AsObject();
            change(json);
            return Encoding.UTF8.GetBytes(json.ToJsonString());
        });
        Forge(name, isListed: true);
    }

    private void Forge(string name, bool isListed)
    {
        var path = Path.Combine(Run, name);
        var manifestPath = Path.Combine(Path.GetDirectoryName(path)!, "manifest.json");
        var (manifest, bytes) = (Manifest.Read(manifestPath), File.ReadAllBytes(path));
        var files = manifest.Files.Where(file => file.Name != Path.GetFileName(name));
        var entry = new ManifestFile { Name = Path.GetFileName(name), Bytes = bytes.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        using var stream = File.Create(manifestPath);
        (manifest with { Files = [.. files, .. isListed ? [entry] : Array.Empty<ManifestFile>()] }).Write(stream);
    }

    private void SetNumber(string name, string tensor, int index, float value)
    {
        var path = Path.Combine(Run, name);
        long offset;
        using (var file = SafetensorsFile.Open(path))
        {
            offset = new FileInfo(path).Length - file.Tensors.Values.Max(each => each.End) + file.Tensors[tensor].Begin + (4 * index);
        }

        Change(name, bytes =>
        {
            MemoryMarshal.Write(bytes.AsSpan((int)offset), value);
            return bytes;
        });
    }

    /// <summary>A run of six steps with checkpoints of the last two evaluations.</summary>
    public sealed class FinishedRun : IDisposable
    {
        private readonly TinyRuns _runs = new();

        public FinishedRun()
        {
            FolderPath = _runs["whole"];
            File.WriteAllText(Corpus, TinyTraining.Text);
            BestStep = Train(FolderPath, seed: 7);
        }

        public string FolderPath { get; }

        public long BestStep { get; }

        private string Corpus => _runs["words.txt"];

        public void Begin(string path) => TrainingRun.Start(Settings(7), TinyRuns.Corpus, path, _runs.Kernels).Dispose();

        public long Train(string path, ulong seed)
        {
            using var run = TrainingRun.Start(Settings(seed), TinyRuns.Corpus, path, _runs.Kernels);
            _ = run.Continue().Count();
            return run.BestStep;
        }

        public void Resume(string path) => TrainingRun.Resume(TrainingRun.ReadSettings(path), TinyRuns.Corpus, path, _runs.Kernels).Dispose();

        public void Dispose() => _runs.Dispose();

        private RunSettings Settings(ulong seed) => TinyRuns.Settings with
        {
            CorpusPath = Corpus,
            Training = TinyRuns.Settings.Training with { Seed = seed, SaveEvery = 2, KeepCheckpoints = 2 },
        };
    }
}
