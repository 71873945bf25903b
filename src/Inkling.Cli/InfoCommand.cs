using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Cli.Reporting;
using Inkling.Formats;
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
            var facts = path is null ? new Facts(planned.Preset, planned.Model, planned.Training, [], null, null, null) : Open(path);
            if (parse.GetValue(json))
            {
                streams.Output.WriteJsonLine(Json(facts, planned.Training));
            }
            else
            {
                Show(streams, facts);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Facts Open(string path)
    {
        var model = ModelFolder.Describe(path);
        var run = RunHistory.IsRun(path) ? RunHistory.Read(path) : null;
        return new Facts(path, model.Config, run?.Settings.Training, model.About, run, DiskBytes(path), model.Tokenizer.Kind);
    }

    /// <summary>A run that goes on meanwhile replaces files and folders; what has vanished does not count.</summary>
    private static long DiskBytes(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var bytes = 0L;
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", options))
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // Vanished between the two looks.
        }

        return bytes;
    }

    private static void Show(Streams streams, Facts facts)
    {
        var (model, cost) = (facts.Model, new GptCost(facts.Model));
        var sheet = new Sheet(streams.Output, streams.Terminal);
        sheet.Add("model", facts.Name);
        sheet.Add("shape", Describe.Shape(model));
        if (facts.Tokenizer is { } tokenizer)
        {
            sheet.Add("tokenizer", tokenizer);
        }

        if (facts.About["validationLoss"] is JsonValue value && value.TryGetValue(out double loss))
        {
            sheet.Add("trained", $"validation loss {loss:0.0000} after step {facts.About["step"]}, on {facts.About["corpus"]?["name"]}");
        }

        if (facts.Run is { } run)
        {
            var time = run.Seconds > 0 ? $" in {Units.Duration(run.Seconds)}" : "";
            sheet.Add("run", $"{run.Step:N0} of {Describe.Count(run.LastStep, "step")}{time}");
        }

        if (facts.DiskBytes is { } bytes)
        {
            sheet.Add("on disk", $"{Units.Bytes(bytes)}{(facts.Run is null ? "" : ", checkpoints included")}");
        }

        streams.Output.WriteLine();
        ShowParts(streams, model, cost);
        streams.Output.WriteLine();
        if (facts.Training is { } training)
        {
            var tokens = (double)training.BatchSize * model.ContextLength;
            sheet.Add("a step", $"{Units.Count(tokens)} tokens, {Units.Count(tokens * cost.TrainingFlopsPerToken(model.ContextLength))}FLOPs");
            var memory = new MemoryNeed(model, training);
            sheet.Add("to train", $"{memory.Total} of memory with {Describe.Count(training.EffectiveMicroBatchSize, "sequence")} at once");
            sheet.Add("", memory.Parts);
            if (memory.PriceOfRecompute is { } price)
            {
                sheet.Add("", price);
            }

            foreach (var smaller in memory.Smaller)
            {
                sheet.Add("", smaller);
            }

        }

        sheet.Add("to generate", $"about {Units.Bytes(cost.GenerationBytes)} of memory, {Units.Count(cost.ForwardFlopsPerToken(model.ContextLength))}FLOPs per token");
        var cacheBytes = (double)cost.CacheBytesPerToken * model.ContextLength;
        sheet.Add("cache", $"{Units.Bytes(cost.CacheBytesPerToken)} per token, {Units.Bytes(cacheBytes)} for a full context");
        sheet.Add("options", Settings.Model.Select(setting => $"--{setting.Name} {setting.Get(model)}"));
    }

    private static void ShowParts(Streams streams, GptConfig model, GptCost cost)
    {
        var flops = cost.TrainingFlopsPerToken(model.ContextLength);
        List<string[]> rows = [["part", "parameters", "share", "FLOPs per token", "share"]];
        foreach (var part in ModelPart.Of(model).Where(part => part.ParameterCount > 0 || part.FlopsPerToken > 0))
        {
            rows.Add(
            [
                part.Name, part.ParameterCount > 0 ? $"{part.ParameterCount:N0}" : "", part.ParameterCount > 0 ? $"{(double)part.ParameterCount / cost.ParameterCount:P1}" : "",
                part.FlopsPerToken > 0 ? Units.Count(part.FlopsPerToken) : "", part.FlopsPerToken > 0 ? $"{part.FlopsPerToken / flops:P1}" : "",
            ]);
        }

        rows.Add(["all", $"{cost.ParameterCount:N0}", Units.Bytes(cost.ParameterBytes), Units.Count(flops), ""]);
        foreach (var line in Columns.Create(rows))
        {
            streams.Output.WriteLine(line);
        }
    }

    private static JsonObject Json(Facts facts, TrainingOptions planned)
    {
        var (model, training) = (facts.Model, facts.Training ?? planned);
        var (cost, memory) = (new GptCost(model), TrainingMemory.Estimate(facts.Model, training));
        return new JsonObject
        {
            ["name"] = facts.Name,
            ["parameterCount"] = cost.ParameterCount,
            ["parameterBytes"] = cost.ParameterBytes,
            ["parts"] = new JsonObject
            {
                ["embeddings"] = cost.TableWeights,
                ["attention"] = cost.AttentionWeights,
                ["feedForward"] = cost.FeedForwardWeights,
                ["norms"] = cost.NormParameters,
                ["biases"] = cost.LinearBiases,
                ["head"] = model.Head == HeadKind.Tied ? 0 : cost.HeadWeights,
            },
            ["trainingFlopsPerToken"] = cost.TrainingFlopsPerToken(model.ContextLength),
            ["trainingFlopsPerStep"] = cost.TrainingFlopsPerToken(model.ContextLength) * training.BatchSize * model.ContextLength,
            ["cacheBytesPerToken"] = cost.CacheBytesPerToken,
            ["generationBytes"] = cost.GenerationBytes,
            ["trainingBytes"] = memory.TotalBytes,
            ["trainingMemory"] = new JsonObject
            {
                ["weights"] = memory.WeightBytes,
                ["gradients"] = memory.GradientBytes,
                ["moments"] = memory.MomentBytes,
                ["packedWeights"] = memory.PackedWeightBytes,
                ["activations"] = memory.ActivationBytes,
                ["workspaces"] = memory.WorkspaceBytes,
                ["program"] = memory.ProcessBytes,
                ["isLowerBound"] = memory.IsLowerBound,
            },
            ["model"] = GptConfigJson.Write(model),
            ["about"] = facts.About.DeepClone(),
            ["run"] = facts.Run is not { } run ? null : new JsonObject
            {
                ["step"] = run.Step,
                ["lastStep"] = run.LastStep,
                ["bestValidationLoss"] = run.Best?.ValidationLoss,
                ["seconds"] = run.Seconds,
            },
            ["diskBytes"] = facts.DiskBytes,
            ["tokenizer"] = facts.Tokenizer,
        };
    }

    private sealed record Facts(string Name, GptConfig Model, TrainingOptions? Training, JsonObject About, RunHistory? Run, long? DiskBytes, string? Tokenizer);
}
