using System.Text;
using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Formats;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class FineTuningTests : IDisposable
{
    // The same letters in other words.
    private static readonly TextCorpus Other = new("other", Encoding.UTF8.GetBytes(string.Concat(TinyTraining.Text.Reverse())));

    private readonly TinyRuns _runs = new();

    public FineTuningTests() => _runs.Finish(_runs.Start("model"));

    private RunSettings Settings => TinyRuns.Settings with
    {
        CorpusPath = "other.txt",
        From = new RunOrigin { FolderPath = _runs["model"] },
        Model = TinyTraining.Model with { ResidualDropout = 0.3 },
    };

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void A_run_from_a_model_saves_and_evaluates_it_before_the_first_step()
    {
        var outcome = _runs.Finish(_runs.Start("fine", Settings, Other));

        Assert.Equal(new CheckpointSaved(0, Path.Combine(_runs["fine"], "checkpoints", "step-000000")), outcome.Events[0]);
        var first = Assert.IsType<Evaluated>(outcome.Events[1]);
        Assert.Equal((0, true, null), (first.Step, first.IsBest, first.TrainingLoss));
        Assert.Equal([0, 2, 4, 6], outcome.Events.OfType<Evaluated>().Select(evaluated => (int)evaluated.Step));
        Assert.StartsWith("""{"step":0,"validationLoss":""", outcome.Metrics, StringComparison.Ordinal);

        using var model = ModelFolder.Load(_runs["model"], _runs.Kernels);
        var tokens = TokenData.From(model.Tokenizer.Encode(Other.Bytes.Span), model.Tokenizer.VocabularySize);
        Assert.Equal(Evaluation.Measure(model.Model, DataSplit.Split(tokens, model.Tokenizer).Validation).Loss, first.ValidationLoss);
    }

    [Fact]
    public void The_model_keeps_its_tokenizer_on_a_text_of_fewer_characters()
    {
        var few = new TextCorpus("few", Encoding.UTF8.GetBytes(TinyTraining.Text.Replace('e', 'a')));
        using var run = _runs.Start("fine", Settings, few);
        Assert.Equal(TinyTraining.Model.VocabularySize, run.Tokenizer.VocabularySize);
        Assert.Equal(0.3, run.Model.Config.ResidualDropout);
    }

    [Fact]
    public void A_run_from_a_model_killed_anywhere_ends_like_one_left_alone() => _runs.EqualsItselfKilledAnywhere(Settings, Other);

    [Fact]
    public void With_a_checkpoint_it_goes_on_without_the_model()
    {
        var whole = _runs.Finish(_runs.Start("whole", Settings, Other));
        using (var run = _runs.Start("fine", Settings, Other))
        {
            Assert.IsType<CheckpointSaved>(run.Continue().First());
        }

        Directory.Delete(_runs["model"], recursive: true);
        Assert.Equal(whole.State, _runs.Finish(_runs.Resume("fine", corpus: Other)).State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_checkpoint_it_needs_the_model_as_it_was(bool isGone)
    {
        _runs.Start("fine", Settings, Other).Dispose();
        var weights = Path.Combine(_runs["model"], "model.safetensors");
        if (isGone)
        {
            File.Delete(weights);
        }
        else
        {
            var bytes = File.ReadAllBytes(weights);
            bytes[^1] ^= 1;
            File.WriteAllBytes(weights, bytes);
        }

        Assert.Equal(
            $"{_runs["fine"]} has no checkpoint yet and begins with the model in {_runs["model"]}, which is gone or has changed. "
                + "Bring it back, or begin another run with --out.",
            Assert.Throws<RunFolderException>(() => _runs.Resume("fine", corpus: Other)).Message);
    }

    [Fact]
    public void The_folder_says_where_it_came_from()
    {
        _runs.Finish(_runs.Start("fine", Settings, Other));

        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(_runs["model"], "model.safetensors"))));
        Assert.Equal(new RunOrigin { FolderPath = _runs["model"], WeightsSha256 = expected }, TrainingRun.ReadSettings(_runs["fine"]).From);
        var about = JsonNode.Parse(File.ReadAllText(Path.Combine(_runs["fine"], "inkling.json")))!["about"]!;
        Assert.Equal((_runs["model"], expected), ((string)about["from"]!["path"]!, (string)about["from"]!["weightsSha256"]!));
        Assert.Null(ModelFolder.Describe(_runs["model"]).About["from"]);
    }

    [Fact]
    public void A_character_that_the_model_lacks_is_named_and_nothing_is_written()
    {
        var refusal = Assert.Throws<CorpusException>(() => _runs.Start("fine", Settings, new TextCorpus("other", Encoding.UTF8.GetBytes("abcé" + TinyTraining.Text))));

        Assert.Equal(
            "other.txt does not suit the model. Character 'é' U+00E9 at byte offset 3, character index 3, is not in the vocabulary of 27 tokens.",
            refusal.Message);
        Assert.IsType<UnknownCharacterException>(refusal.InnerException);
        Assert.False(Directory.Exists(_runs["fine"]));
    }

    [Fact]
    public void Another_shape_is_refused_with_the_difference()
    {
        Refuses(
            Settings with { Model = Settings.Model with { LayerCount = 3, ContextLength = 16 } },
            $"The model in {_runs["model"]} keeps its shape: contextLength was 19 and is 16; layerCount was 2 and is 3.");

        void Refuses(RunSettings settings, string message)
        {
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => _runs.Start("fine", settings, Other)).Message);
            Assert.False(Directory.Exists(_runs["fine"]));
        }
    }

    [Fact]
    public void A_model_brings_its_own_tokenizer()
        => Assert.StartsWith(
            "A run that goes on from a model takes that model's tokenizer; leave it out.",
            Assert.Throws<ArgumentException>(
                () => TrainingRun.Start(Settings, Other, _runs["fine"], _runs.Kernels, CharacterTokenizer.Train(Other.Bytes.Span))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Damaged_weights_leave_nothing_behind()
    {
        var weights = Path.Combine(_runs["model"], "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);

        Assert.Throws<ModelFormatException>(() => _runs.Start("fine", Settings, Other));
        Assert.False(Directory.Exists(_runs["fine"]));
    }
}
