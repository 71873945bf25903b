using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary><c>inkling info</c>: what a model is and what it costs.</summary>
internal static class InfoCommand
{
    public static Command Create(Streams streams)
    {
        var folder = new Argument<string?>("folder") { Description = "Model folder", Arity = ArgumentArity.ZeroOrOne }.NotEmpty();
        var json = new Option<bool>("--json") { Description = "One line of JSON" };
        var command = new Command("info", "Shows parameters, memory and arithmetic of a model or a preset.") { folder, json };
        var recipe = new RecipeOptions(
            command, [Settings.Vocabulary, .. Settings.Model], Settings.Batch);
        command.SetAction(parse =>
        {
            var path = parse.GetValue(folder);
            if (path is null == !recipe.IsGiven(parse))
            {
                throw new UsageException("give either a model folder or --preset");
            }

            var planned = recipe.Read(parse);
            var (model, about) = path is null ? (planned.Model, []) : Open(path);
            if (parse.GetValue(json))
            {
                streams.Output.WriteJsonLine(Json(path ?? planned.Preset, model, planned.Training, about));
            }
            else
            {
                Show(new Sheet(streams.Output), path ?? planned.Preset, model, path is null ? planned.Training : null, about);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static (GptConfig Model, JsonObject About) Open(string path)
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        using var loaded = ModelFolder.Load(path, kernels);
        return (loaded.Model.Config, loaded.About);
    }

    private static void Show(Sheet sheet, string name, GptConfig model, TrainingOptions? training, JsonObject about)
    {
        var cost = new GptCost(model);
        sheet.Add("model", name);
        sheet.Add("shape", Describe.Shape(model));
        if (about["validationLoss"] is JsonValue value && value.TryGetValue(out double loss))
        {
            sheet.Add("trained", $"validation loss {loss:0.0000} after step {about["step"]}, on {about["corpus"]?["name"]}");
        }

        sheet.Add("parameters", $"{cost.ParameterCount:N0}, {Units.Bytes(cost.ParameterBytes)} in float32");
        sheet.Add("arithmetic", $"{Units.Count(cost.TrainingFlopsPerToken(model.ContextLength))}FLOPs per token to train, a third of that to read");
        var cacheBytes = (double)cost.CacheBytesPerToken * model.ContextLength;
        sheet.Add("cache", $"{Units.Bytes(cost.CacheBytesPerToken)} per token, {Units.Bytes(cacheBytes)} for a full context");
        sheet.Add("memory", $"about {Units.Bytes(cost.GenerationBytes)} to generate"
            + (training is null ? "" : $", {Units.Bytes(cost.TrainingBytes(training.EffectiveMicroBatchSize))} to train with batches of {training.BatchSize}"));
        foreach (var setting in Settings.Model)
        {
            sheet.Add("", $"--{setting.Name} {setting.Get(model)}");
        }
    }

    private static JsonObject Json(string name, GptConfig model, TrainingOptions training, JsonObject about)
    {
        var cost = new GptCost(model);
        return new JsonObject
        {
            ["name"] = name,
            ["parameterCount"] = cost.ParameterCount,
            ["parameterBytes"] = cost.ParameterBytes,
            ["trainingFlopsPerToken"] = cost.TrainingFlopsPerToken(model.ContextLength),
            ["cacheBytesPerToken"] = cost.CacheBytesPerToken,
            ["generationBytes"] = cost.GenerationBytes,
            ["trainingBytes"] = cost.TrainingBytes(training.EffectiveMicroBatchSize),
            ["model"] = GptConfigJson.Write(model),
            ["about"] = about.DeepClone(),
        };
    }
}
