using System.CommandLine;
using Inkling.Data;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary><c>inkling train</c>: from a text file to a model folder.</summary>
internal static class TrainCommand
{
    private const string RunsFolder = "runs";

    public static Command Create(Streams streams)
    {
        var corpus = new Argument<string?>("corpus") { Description = "Text file in UTF-8", Arity = ArgumentArity.ZeroOrOne }.NotEmpty();
        var output = new Option<string?>("--out")
        {
            HelpName = "folder",
            Description = $"Folder of the run [default: {RunsFolder}/NAME, {RunsFolder}/NAME-2, ...]",
        }.NotEmpty();
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out" };
        var tokenizer = new Option<string>("--tokenizer")
        {
            HelpName = "kind",
            Description = "What tokens are: char",
            DefaultValueFactory = _ => "char",
        };
        var sampleTokens = new Option<int>("--sample-tokens")
        {
            HelpName = "n",
            Description = "Length of the samples after evaluations; 0: none",
            DefaultValueFactory = _ => 120,
        };
        var json = new Option<bool>("--json") { Description = "Results as lines of JSON; progress goes to standard error" };
        var command = new Command("train", "Trains a GPT on a text file.") { corpus, output, resume, tokenizer, sampleTokens, json };
        var recipeOptions = new RecipeOptions(command, Settings.Model, Settings.Training);
        var kernelOptions = new KernelOptions(command);
        command.SetAction(parse =>
        {
            if (parse.GetValue(tokenizer) is not "char" and var kind)
            {
                throw new UsageException($"--tokenizer {kind} does not exist yet; choose char");
            }

            if (parse.GetValue(sampleTokens) is < 0 and var count)
            {
                throw new UsageException($"--sample-tokens is {count}; it must be 0 or more");
            }

            var (settings, folder) = parse.GetValue(resume) ? Resumed(parse) : Begun(parse);
            var cpu = kernelOptions.Read(parse);
            using var interruption = new Interruption();
            var text = TextCorpus.Open(settings.CorpusPath);
            RequireMemory(settings, text);
            folder ??= RunFolder.NextFree(RunsFolder, text.Name);

            using var kernels = CpuKernels.Create(cpu);
            using var run = parse.GetValue(resume)
                ? TrainingRun.Resume(settings, text, folder, kernels)
                : TrainingRun.Start(settings, text, folder, kernels);
            using var report = new TrainReport(streams, run, text, parse.GetValue(json), parse.GetValue(sampleTokens), cpu);
            report.Begin(kernels);
            foreach (var happened in run.Continue(interruption.Token))
            {
                report.Show(happened, interruption.Token);
            }

            return interruption.RequestedExitCode;
        });
        return command;

        (RunSettings Settings, string? Folder) Begun(ParseResult parse)
        {
            var path = parse.GetValue(corpus) ?? throw new UsageException("train on what? give a text file; see inkling train --help");
            var recipe = recipeOptions.Read(parse);
            var settings = new RunSettings
            {
                CorpusPath = Path.GetFullPath(path),
                Preset = recipe.Preset,
                Model = recipe.Model,
                Training = recipe.Training,
            };
            return (settings, parse.GetValue(output));
        }

        (RunSettings Settings, string Folder) Resumed(ParseResult parse)
        {
            var folder = parse.GetValue(output) ?? throw new UsageException("resume which run? give its folder with --out");
            var settings = recipeOptions.Override(parse, TrainingRun.ReadSettings(folder));
            return (parse.GetValue(corpus) is { } path ? settings with { CorpusPath = Path.GetFullPath(path) } : settings, folder);
        }
    }

    /// <summary>Before anything large is allocated or written.</summary>
    private static void RequireMemory(RunSettings settings, TextCorpus text)
    {
        var model = settings.Model with { VocabularySize = CharacterTokenizer.Train(text.Bytes.Span).VocabularySize };
        Machine.RequireMemory(new GptCost(model).TrainingBytes(settings.Training.EffectiveMicroBatchSize), "choose a smaller model, or a smaller --micro-batch-size");
    }
}
