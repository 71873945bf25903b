using System.CommandLine;
using Inkling.Cli.Tokenizers;
using Inkling.Data.Scenes;
using Inkling.Formats;
using Inkling.Kernels.Cpu;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary><c>inkling train</c>: from a text file to a model folder.</summary>
internal static class TrainCommand
{
    private const string RunsFolder = "runs";
    private const string ScenesPreset = "scenes";
    private const int SampleTokens = 120;

    public static Command Create(Streams streams)
    {
        var corpus = new Argument<string?>("corpus") { Description = "Text file in UTF-8 [default: scenes of our own]", Arity = ArgumentArity.ZeroOrOne }.NotEmpty();
        var output = new Option<string?>("--out")
        {
            HelpName = "folder",
            Description = $"Folder of the run [default: {RunsFolder}/NAME, {RunsFolder}/NAME-2, ...]",
        }.NotEmpty();
        var from = new Option<string?>("--from")
        {
            HelpName = "folder",
            Description = "Go on from a finished model, on this text; preset, or the model's own, gives the recipe",
        }.NotEmpty();
        var scenes = new Option<string?>("--scene-characters")
        {
            HelpName = "n",
            Description = $"Length of our own scenes, where no text is given [default: {RunSettings.DefaultSceneCharacterCount}]",
        };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out" };
        var tokenizer = new Option<string>("--tokenizer")
        {
            HelpName = "kind",
            Description = $"What makes tokens of the text: {TokenizerChoice.Forms}",
            DefaultValueFactory = _ => TokenizerChoice.Default,
        }.NotEmpty();
        var sampleTokens = new Option<string?>("--sample-tokens")
        {
            HelpName = "n",
            Description = $"Length of the samples after evaluations; 0: none [default: {SampleTokens}]",
        };
        var json = new Option<bool>("--json") { Description = "Results as lines of JSON; progress goes to standard error" };
        var command = new Command("train", "Trains a GPT on a text file, or on built-in scenes.") { corpus, scenes, output, from, resume, tokenizer, sampleTokens, json };
        var recipeOptions = new RecipeOptions(command, Settings.Model, Settings.Training);
        var kernelOptions = new KernelOptions(command);
        command.SetAction(parse =>
        {
            var sampleLength = parse.ReadNumber(sampleTokens, least: 0) ?? SampleTokens;
            var (settings, folder) = parse.GetValue(resume) ? Resumed(parse) : parse.GetValue(from) is { } origin ? BegunFrom(parse, origin) : Begun(parse);
            var cpu = kernelOptions.Read(parse);
            var hasTokenizer = parse.GetValue(resume) || settings.From is not null;
            var choice = hasTokenizer ? null : new TokenizerChoice(parse.GetRequiredValue(tokenizer), cpu.ThreadCount);
            using var interruption = new Interruption();
            var text = settings.OpenCorpus();

            // A model that exists has its tokenizer, and with it the size of its vocabulary.
            Tokenizer? chosen;
            try
            {
                chosen = choice?.Make(text, streams, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                return interruption.RequestedExitCode;
            }

            var shape = settings.Model with { VocabularySize = chosen?.VocabularySize ?? settings.Model.VocabularySize };
            Machine.RequireMemory(new MemoryNeed(shape, settings.Training, cpu, text));
            folder ??= RunFolder.NextFree(RunsFolder, text.Name);

            using var kernels = CpuKernels.Create(cpu);
            using var run = parse.GetValue(resume)
                ? TrainingRun.Resume(settings, text, folder, kernels)
                : TrainingRun.Start(settings, text, folder, kernels, chosen);
            var measure = settings.CorpusPath is null ? SceneMeasure.Of(text, run) : null;
            using var report = new TrainReport(streams, run, text, parse.GetValue(json), sampleLength, cpu)
            {
                Scenes = measure,
                AskedPrecision = settings.Training.Precision,
            };

            // What reading the text has left behind goes back to the system before the training takes as much.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
            report.Begin(kernels);
            var gaveUp = false;
            foreach (var happened in run.Continue(interruption.Token))
            {
                report.Show(happened, interruption.Token);
                gaveUp = happened is RunEnded { Reason: RunEndReason.TooManySkippedSteps };
                if (happened is not StepDone)
                {
                    // Steps leave next to nothing to collect, so what a checkpoint or a sample leaves would add up until memory is short.
                    GC.Collect();
                }
            }

            return gaveUp ? ExitCode.Failure : interruption.RequestedExitCode;
        });
        return command;

        (RunSettings Settings, string? Folder) Begun(ParseResult parse)
        {
            return (SettingsOf(parse, recipeOptions.Read(parse, parse.GetValue(corpus) is null ? ScenesPreset : RecipeOptions.DefaultPreset)), parse.GetValue(output));
        }

        (RunSettings Settings, string? Folder) BegunFrom(ParseResult parse, string origin)
        {
            if (parse.GetResult(tokenizer) is { Implicit: false })
            {
                throw new UsageException("--tokenizer cannot be given with --from: the model brings its own");
            }

            if (parse.GetValue(corpus) is null && parse.GetValue(scenes) is null)
            {
                throw new UsageException($"go on with {origin} on what? give a text file, or the length of our own scenes with --scene-characters");
            }

            var recipe = recipeOptions.ReadFor(parse, origin, ModelFolder.Describe(origin));
            return (SettingsOf(parse, recipe) with { From = new RunOrigin { FolderPath = Path.GetFullPath(origin) } }, parse.GetValue(output));
        }

        RunSettings SettingsOf(ParseResult parse, Recipe recipe)
        {
            var path = parse.GetValue(corpus);
            var settings = new RunSettings
            {
                CorpusPath = path is null ? null : Path.GetFullPath(path),
                Preset = recipe.Preset,
                Model = recipe.Model,
                Training = recipe.Training,
            };
            return parse.ReadNumber(scenes, least: 1, most: SceneCorpus.MaxCharacterCount) is not { } length ? settings
                : path is not null ? throw new UsageException($"--scene-characters says how long our own scenes are, but the text is {path}; leave one of them out")
                : settings with { SceneCharacterCount = length };
        }

        (RunSettings Settings, string Folder) Resumed(ParseResult parse)
        {
            if (parse.GetValue(from) is not null)
            {
                throw new UsageException("--from begins another run and --resume goes on with one; leave one of them out");
            }

            var folder = parse.GetValue(output) ?? throw new UsageException("resume which run? give its folder with --out");
            if (parse.GetValue(scenes) is not null)
            {
                throw new UsageException("a run that is resumed has its text; leave --scene-characters out");
            }

            if (parse.GetResult(tokenizer) is { Implicit: false })
            {
                throw new UsageException("a run that is resumed has its tokenizer; leave --tokenizer out");
            }

            var settings = recipeOptions.Override(parse, TrainingRun.ReadSettings(folder));
            return (parse.GetValue(corpus) is { } path ? settings with { CorpusPath = Path.GetFullPath(path) } : settings, folder);
        }
    }
}
