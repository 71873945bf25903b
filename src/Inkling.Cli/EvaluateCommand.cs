using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Data.Scenes;
using Inkling.Models;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary><c>inkling evaluate</c>: the loss of a model on a text.</summary>
internal static class EvaluateCommand
{
    private enum Part
    {
        Validation,
        All,
    }

    public static Command Create(Streams streams)
    {
        var folder = new Argument<string>("folder") { Description = "Model folder" }.NotEmpty();
        var corpus = new Argument<string?>("corpus")
        {
            Description = "Text file [default: the one it was trained on]",
            Arity = ArgumentArity.ZeroOrOne,
        }.NotEmpty();
        var part = new Option<string>("--part")
        {
            HelpName = "name",
            Description = "Part of the text: validation (its last tenth), all",
            DefaultValueFactory = _ => "validation",
        };
        var json = new Option<bool>("--json") { Description = "One line of JSON" };
        var command = new Command("evaluate", "Measures loss, perplexity and bits per byte on a text.") { folder, corpus, part, json };
        var modelOptions = new ModelOptions(command);
        command.SetAction(parse =>
        {
            if (!Kebab.TryParse<Part>(parse.GetValue(part)!, out var wanted))
            {
                throw new UsageException($"--part is '{parse.GetValue(part)}'; choose {string.Join(", ", Kebab.NamesOf<Part>())}");
            }

            using var kernels = modelOptions.CreateKernels(parse);
            using var loaded = modelOptions.Load(parse, parse.GetRequiredValue(folder), kernels);
            var settings = CorpusOf(parse.GetValue(corpus), loaded.About, loaded.Model.Config)
                ?? throw new UsageException("the model does not say what it was trained on; give a text file");
            var text = settings.OpenCorpus();
            if (parse.GetValue(corpus) is null && settings.CorpusSha256 is { } begun && begun != text.Sha256)
            {
                throw new FailureException($"{settings.CorpusDescription} changed since the model was trained on it; give the text to measure on");
            }

            var tokens = Encode(text, loaded.Tokenizer, settings.CorpusDescription);
            var split = DataSplit.Split(tokens, loaded.Tokenizer);
            var (data, bytes) = wanted == Part.All ? (tokens, text.ByteCount) : (split.Validation, split.ValidationByteCount);

            var (loss, lossHalfContext) = Evaluation.Measure(loaded.Model, data);
            if (!double.IsFinite(loss))
            {
                throw new FailureException($"the loss is {loss}: the model's weights are damaged, or its training diverged");
            }

            var bitsPerByte = loss / Math.Log(2) * data.Length / bytes;
            if (parse.GetValue(json))
            {
                streams.Output.WriteJsonLine(new JsonObject
                {
                    ["loss"] = JsonLine.Number(loss),
                    ["perplexity"] = JsonLine.Number(Math.Exp(loss)),
                    ["bitsPerByte"] = JsonLine.Number(bitsPerByte),
                    ["tokenCount"] = data.Length,
                    ["byteCount"] = bytes,
                    ["lossHalfContext"] = JsonLine.Number(lossHalfContext),
                });
                return ExitCode.Success;
            }

            var sheet = new Sheet(streams.Output);
            sheet.Add("text", $"{settings.CorpusDescription}, {(wanted == Part.All ? "all of it" : "validation part")}: {data.Length:N0} tokens, {bytes:N0} bytes");
            sheet.Add("loss", $"{loss:0.0000} nats per token");
            if (lossHalfContext is { } late)
            {
                sheet.Add("", $"{late:0.0000} where at least half the context comes before");
            }

            sheet.Add("perplexity", $"{Math.Exp(loss):0.000}");
            sheet.Add("bits per byte", $"{bitsPerByte:0.0000}");
            return ExitCode.Success;
        });
        return command;
    }

    private static TokenData Encode(TextCorpus text, Tokenizer tokenizer, string name)
    {
        try
        {
            return TokenData.Encode(text.Bytes.Span, tokenizer);
        }
        catch (UnknownCharacterException e)
        {
            throw new FailureException($"{name} does not suit the model. {e.Message}");
        }
    }

    /// <summary>The text that is given, or the one that the model was trained on; null where nobody says.</summary>
    private static RunSettings? CorpusOf(string? given, JsonObject about, GptConfig model)
    {
        var settings = new RunSettings
        {
            CorpusSha256 = about["corpus"]?["sha256"] is JsonValue hash && hash.TryGetValue(out string? sha256) ? sha256 : null,
            Model = model,
            Training = new TrainingOptions(),
        };
        return given is not null ? settings with { CorpusPath = given }
            : about["corpus"] is not JsonObject corpus ? null
            : corpus["path"] is JsonValue path && path.TryGetValue(out string? text) ? settings with { CorpusPath = text }
            : corpus["sceneCharacterCount"] is JsonValue count && count.TryGetValue(out int length) && length is > 0 and <= SceneCorpus.MaxCharacterCount
                ? settings with { SceneCharacterCount = length }
            : null;
    }
}
