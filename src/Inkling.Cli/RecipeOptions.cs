using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>The options that say what to train and how: a preset, then a file, then the command line, each over the one before.</summary>
internal sealed class RecipeOptions
{
    /// <summary>What a text is trained with unless somebody says otherwise.</summary>
    public const string DefaultPreset = "nano";
    private const string PresetName = "preset";
    private const string DropoutName = "dropout";

    private static readonly string[] Dropouts =
        [.. new[] { nameof(GptConfig.EmbeddingDropout), nameof(GptConfig.AttentionDropout), nameof(GptConfig.ResidualDropout) }.Select(Kebab.From)];

    private readonly Option<string?> _preset = new($"--{PresetName}")
    {
        HelpName = "name",
        Description = $"Shape and recipe to begin with: {string.Join(", ", GptPresets.Shapes.Keys)} [default: {DefaultPreset}]",
    };

    private readonly Option<string?> _file = new Option<string?>("--config")
    {
        HelpName = "file",
        Description = "JSON file with options of the model and its training under the names they have here, without the dashes",
    }.NotEmpty();

    private readonly Option<string?> _dropout = new($"--{DropoutName}") { HelpName = "x", Description = "All three fractions dropped" };
    private readonly SettingOptions<TrainingOptions> _training;
    private readonly SettingOptions<GptConfig> _model;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="model">Fields of the model that it takes.</param>
    /// <param name="training">Fields of the recipe that it takes.</param>
    public RecipeOptions(Command command, IEnumerable<Setting<GptConfig>> model, IEnumerable<Setting<TrainingOptions>> training)
    {
        command.Add(_preset);
        command.Add(_file);
        _training = new SettingOptions<TrainingOptions>(command, training);
        _model = new SettingOptions<GptConfig>(command, model);
        command.Add(_dropout);
    }

    /// <summary>Whether anything is given at all.</summary>
    public bool IsGiven(ParseResult parse) => Given(parse).Count > 0;

    /// <summary>What a preset, the file and the command line add up to.</summary>
    /// <exception cref="UsageException">That is not valid.</exception>
    public Recipe Read(ParseResult parse, string defaultPreset = DefaultPreset)
    {
        var given = Given(parse);
        var preset = given.GetValueOrDefault(PresetName, defaultPreset);
        if (!GptPresets.Shapes.TryGetValue(preset, out var model))
        {
            throw NoSuchPreset(preset);
        }

        // What a tokenizer will say instead, as far as anybody can know without one: the characters of English prose, or GPT-2's own.
        model = model with { VocabularySize = preset.StartsWith("gpt2", StringComparison.Ordinal) ? model.VocabularySize : 65 };
        return Checked(new Recipe(preset, _model.Apply(given, model), _training.Apply(given, Recipes.ByPreset[preset])));
    }

    /// <summary>
    /// What the recipe of a finished model's preset, or of another, and the file and the command line add up to. The model keeps its shape; its
    /// dropout may be another.
    /// </summary>
    /// <exception cref="UsageException">That is not valid, or contradicts the model.</exception>
    public Recipe ReadFor(ParseResult parse, string folder, ModelDescription trained)
    {
        var given = Given(parse);
        var preset = given.GetValueOrDefault(PresetName) ?? PresetOf(trained.About)
            ?? throw new UsageException($"the model in {folder} does not say how it was trained; give a recipe with --{PresetName}");
        if (!Recipes.ByPreset.TryGetValue(preset, out var training))
        {
            throw NoSuchPreset(preset);
        }

        var model = _model.Apply(given, trained.Config);
        if (Settings.Model.FirstOrDefault(each => !Dropouts.Contains(each.Name) && each.Get(model) != each.Get(trained.Config)) is { } changed)
        {
            throw new UsageException(
                $"--{changed.Name} is {changed.Get(model)}, but the model in {folder} has {changed.Get(trained.Config)}; a trained model keeps its shape");
        }

        return Checked(new Recipe(preset, model, _training.Apply(given, training)));
    }

    /// <summary>The settings of a run with what is given changed; whether that may change is for the run to say.</summary>
    /// <exception cref="UsageException">That is not valid.</exception>
    public RunSettings Override(ParseResult parse, RunSettings begun)
    {
        var given = Given(parse);
        if (given.TryGetValue(PresetName, out var preset) && preset != begun.Preset)
        {
            throw new UsageException($"the run was begun with --preset {begun.Preset}, not {preset}");
        }

        var settings = begun with { Model = _model.Apply(given, begun.Model), Training = _training.Apply(given, begun.Training) };
        Settings.Check(settings.Model.Validate);
        Settings.Check(settings.Training.Validate);

        // A run keeps the precision that it began with, whatever would be the faster one here.
        return settings.Training.Precision == Precision.Auto
            ? settings with { Training = settings.Training with { Precision = begun.Training.Precision } }
            : settings;
    }

    private static Recipe Checked(Recipe recipe)
    {
        Settings.Check(recipe.Model.Validate);
        Settings.Check(recipe.Training.Validate);
        return recipe;
    }

    private static UsageException NoSuchPreset(string preset)
        => new($"there is no preset '{preset}'; choose {string.Join(", ", GptPresets.Shapes.Keys)}");

    private static string? PresetOf(JsonObject about)
        => about["preset"] is JsonValue value && value.TryGetValue(out string? preset) && Recipes.ByPreset.ContainsKey(preset) ? preset : null;

    private Dictionary<string, string> Given(ParseResult parse)
    {
        var given = new Dictionary<string, string>();
        Add(parse.GetValue(_file) is { } file ? ReadFile(file) : []);
        Add([
            .. from option in new[] { _preset, _dropout }
               let text = parse.GetValue(option)
               where text is not null
               select (option.Name.TrimStart('-'), text),
            .. _training.Given(parse), .. _model.Given(parse)]);
        return given;

        void Add(IReadOnlyList<(string Name, string Text)> source)
        {
            // The one for all three comes first, whatever the order in which they were given.
            foreach (var dropout in source.Where(each => each.Name == DropoutName))
            {
                Array.ForEach(Dropouts, name => given[name] = dropout.Text);
            }

            foreach (var (name, text) in source.Where(each => each.Name != DropoutName))
            {
                given[name] = text;
            }
        }
    }

    private List<(string Name, string Text)> ReadFile(string path)
    {
        if (Directory.Exists(path) || !File.Exists(path))
        {
            throw new FailureException($"{path} {(Directory.Exists(path) ? "is a folder" : "does not exist")}; --config wants a JSON file of options");
        }

        try
        {
            // A byte-order mark, as some editors write it, is no part of the JSON.
            var bytes = File.ReadAllBytes(path).AsMemory();
            var start = bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            using var json = JsonDocument.Parse(bytes[start..], new JsonDocumentOptions { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? [.. json.RootElement.EnumerateObject().Select(field => (Known(field.Name), Text(field)))]
                : throw new FailureException($"{path} is not a JSON object of options");
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            throw new FailureException($"{path} is no JSON object with each option once{place}");
        }

        string Known(string name) => name is PresetName or DropoutName
            ? name
            : _model.Find(name) ?? _training.Find(name)
            ?? throw new UsageException($"{path}: '{name}' is no option of the model or its training; --help lists them, and the file leaves out the dashes");

        string Text(JsonProperty field) => field.Value.ValueKind switch
        {
            JsonValueKind.String => field.Value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => field.Value.GetRawText(),
            _ => throw new UsageException($"{path}: {field.Name} must be a number, a text, true or false"),
        };
    }
}

/// <summary>What to train and how.</summary>
/// <param name="Preset">Where it began.</param>
/// <param name="Model">Shape of the model.</param>
/// <param name="Training">How to train.</param>
internal sealed record Recipe(string Preset, GptConfig Model, TrainingOptions Training);
