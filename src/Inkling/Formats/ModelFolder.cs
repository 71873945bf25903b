using System.Text.Json.Nodes;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Text;

namespace Inkling.Formats;

/// <summary>
/// A model as a folder that Hugging Face's tools read too: <c>config.json</c>, <c>model.safetensors</c>, <c>tokenizer.json</c>,
/// <c>tokenizer_config.json</c>, <c>generation_config.json</c>, and <c>inkling.json</c> with what those cannot say.
/// </summary>
public static class ModelFolder
{
    /// <summary>Version of the layout of <c>inkling.json</c>.</summary>
    public const int FormatVersion = 1;

    internal const string WeightsName = "model.safetensors";
    internal const string TokenizerName = "tokenizer.json";

    internal const string ConfigName = "config.json";
    internal const string InklingName = "inkling.json";
    internal const string TokenizerConfigName = "tokenizer_config.json";
    internal const string GenerationConfigName = "generation_config.json";

    /// <summary>Files without which there is no model.</summary>
    internal static IReadOnlyList<string> Needed { get; } = [ConfigName, WeightsName, TokenizerName, InklingName];

    /// <summary>Writes or replaces a model, as a whole at one moment.</summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">What its tokens mean.</param>
    /// <param name="about">What else to note in <c>inkling.json</c>: recipe, corpus, version.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, Gpt model, Tokenizer tokenizer, JsonObject? about = null)
        => Save(Storage.Disk, folder, model, tokenizer, about ?? []);

    internal static void Save(Storage storage, string folder, Gpt model, Tokenizer tokenizer, JsonObject about)
    {
        var (config, format) = (model.Config, HuggingFaceModel.For(model.Config));
        using var update = new FolderUpdate(storage, folder);
        update.Write(ConfigName, stream => JsonFile.Write(stream, format.Config()));
        update.Write(TokenizerName, tokenizer.Save);
        update.Write(TokenizerConfigName, stream => tokenizer.SaveConfiguration(stream, config.ContextLength));
        update.Write(GenerationConfigName, stream => JsonFile.Write(stream, new JsonObject { ["do_sample"] = true, ["max_length"] = config.ContextLength }));
        update.Write(WeightsName, stream => ParameterFile.Save(stream, format.Tensors(model), model.Parameters.Kernels, model.Parameters.Values));
        update.Write(InklingName, stream => JsonFile.Write(stream, new JsonObject
        {
            ["formatVersion"] = FormatVersion,
            ["model"] = GptConfigJson.Write(config),
            ["about"] = about.DeepClone(),
        }));
        update.Commit();
    }

    /// <summary>Reads a model. Files are checked against the manifest and each other before memory for the weights is taken.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kernels">What will compute with the model.</param>
    /// <param name="precision">Of its products.</param>
    /// <exception cref="ModelFormatException">The folder or a file is missing, damaged, or does not fit the others.</exception>
    public static LoadedModel Load(string folder, IKernels kernels, Precision precision = Precision.Float32) => Read(folder, files =>
    {
        var (config, tokenizer, about) = Describe(files);
        using var file = OpenWeights(files);
        if (config.LayerCount > file.Tensors.Count)
        {
            throw new ModelFormatException(file.Path, $"has {file.Tensors.Count} tensors, too few for {config.LayerCount} layers");
        }

        var model = new Gpt(config, kernels, precision);
        try
        {
            ParameterFile.Load(file, HuggingFaceModel.For(config).Tensors(model), model.Parameters, buffer: null);
            return new LoadedModel(model, tokenizer, about);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    });

    /// <summary>Reads all but the weights, and checks the files against each other.</summary>
    /// <exception cref="ModelFormatException">The folder or a file is missing, damaged, or does not fit the others.</exception>
    public static ModelDescription Describe(string folder) => Read(folder, Describe);

    /// <summary>Checks every byte that the manifest vouches for.</summary>
    /// <returns>What <c>inkling.json</c> notes about the model.</returns>
    /// <exception cref="ModelFormatException">The folder or a file is missing, damaged, or does not fit the others.</exception>
    internal static JsonObject Verify(string folder) => Read(folder, files =>
    {
        if (files.Manifest is { } manifest)
        {
            if (Needed.FirstOrDefault(name => manifest.Find(name) is null) is { } unlisted)
            {
                throw new ModelFormatException(files.PathOf(unlisted), $"is not listed in {Manifest.FileName}");
            }

            foreach (var file in manifest.Files)
            {
                ModelFile.Verify(files.PathOf(file.Name), file);
            }
        }

        return Describe(files).About;
    });

    /// <summary>Reads the weights into a model of the same shape.</summary>
    /// <exception cref="ModelFormatException">The file is missing, damaged, or of another shape.</exception>
    public static void LoadWeights(string folder, Gpt model) => Read(folder, files =>
    {
        using var file = OpenWeights(files);
        ParameterFile.Load(file, HuggingFaceModel.For(model.Config).Tensors(model), model.Parameters, buffer: null);
        return model;
    });

    /// <summary>Reads the tokenizer of a model.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="listed">What the file must be; null where nobody knows.</param>
    /// <param name="config">The model; null where nobody knows.</param>
    /// <exception cref="ModelFormatException">The file is missing, damaged, or has another vocabulary.</exception>
    internal static Tokenizer ReadTokenizer(string path, ManifestFile? listed, GptConfig? config)
    {
        try
        {
            using var stream = ModelFile.Open(path, listed);
            var tokenizer = HuggingFaceTokenizer.Load(stream);
            return config is null || tokenizer.VocabularySize == config.VocabularySize
                ? tokenizer
                : throw new ModelFormatException(path, $"has {tokenizer.VocabularySize} tokens, but the model {config.VocabularySize}");
        }
        catch (TokenizerFormatException e)
        {
            throw new ModelFormatException(path, e.Problem, e.Location, e);
        }
        catch (IOException e)
        {
            throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
        }
    }

    /// <summary>Reads <c>inkling.json</c>.</summary>
    /// <exception cref="ModelFormatException">The file is missing or damaged.</exception>
    internal static (GptConfig Config, JsonObject About) ReadInkling(string path, ManifestFile? listed)
    {
        var content = JsonFile.Read(path, listed);
        JsonFile.RequireVersion(path, content, FormatVersion);
        JsonFile.RequireFields(path, content, ["formatVersion", "model", "about"]);
        return (GptConfigJson.Read(path, JsonFile.Object(path, content, "model"), "$.model"), JsonFile.Object(path, content, "about"));
    }

    /// <summary>Where <c>config.json</c> makes another model than <c>inkling.json</c>.</summary>
    internal static IEnumerable<ModelFormatException> ShapeDifferences(string path, JsonObject found, GptConfig config)
    {
        var format = HuggingFaceModel.For(config);
        var expected = format.Config();
        return from name in format.ShapeFields
               where !JsonNode.DeepEquals(found[name], expected[name])
               select new ModelFormatException(path, $"differs from {InklingName}, which makes it {expected[name]?.ToJsonString() ?? "null"}", $"$.{name}");
    }

    private static T Read<T>(string folder, Func<FolderFiles, T> read)
        => !Directory.Exists(folder)
            ? throw new ModelFormatException(folder, File.Exists(folder) ? "is a file, not a model folder" : "there is no such folder")
            : FolderFiles.Read(folder, files =>
            {
                string[] missing = [.. Needed.Where(name => !files.Has(name))];
                return missing.Length == 0
                    ? read(files)
                    : throw new ModelFormatException(folder, $"is not a complete model folder; missing: {string.Join(", ", missing)}");
            });

    private static ModelDescription Describe(FolderFiles files)
    {
        var (config, about) = ReadInkling(files.PathOf(InklingName), files.Listed(InklingName));
        var path = files.PathOf(ConfigName);
        if (ShapeDifferences(path, JsonFile.Read(path, files.Listed(ConfigName)), config).FirstOrDefault() is { } difference)
        {
            throw difference;
        }

        return new ModelDescription(config, ReadTokenizer(files.PathOf(TokenizerName), files.Listed(TokenizerName), config), about);
    }

    private static SafetensorsFile OpenWeights(FolderFiles files) => SafetensorsFile.Open(files.PathOf(WeightsName), files.Listed(WeightsName));
}
