using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Cli.Tokenizers;
using Inkling.Data.Scenes;
using Inkling.Kernels.Cpu;
using Inkling.Text;

namespace Inkling.Cli;

/// <summary><c>inkling bench tokenizer</c>: how fast a tokenizer encodes and decodes, and that no text makes it slow.</summary>
internal static class BenchTokenizer
{
    private const double SecondsPerFigure = 1;
    private const int SceneCharacters = 2_000_000;
    private const int RunBytes = 10_000_000;
    private const ulong SceneSeed = 1;

    // What has brought tokenizers to a halt: one long piece of one thing.
    private static readonly string[] Runs = ["^", "a", " ", "\n", "\U0001F600", "'s", "\u0301"];

    public static Command Create(Streams streams)
    {
        var files = new Option<string[]>("--file") { HelpName = "file", Description = "A text; may be given again for others [default: scenes of our own]" }.NotEmpty();
        var runs = new Option<bool>("--runs") { Description = "Also ten megabytes of one character, and how the time grows from five" };
        var threads = new Option<string?>("--threads") { HelpName = "n", Description = "Threads beside the single one [default: one for each processor]" };
        var json = new Option<bool>("--json") { Description = "A line of JSON for each text" };
        var command = new Command("tokenizer", "Measures encoding and decoding.");
        var tokenizerOption = new TokenizerOption(command);
        foreach (var option in new Option[] { files, runs, threads, json })
        {
            command.Add(option);
        }

        command.SetAction(parse =>
        {
            var threadCount = parse.ReadNumber(threads, least: 1, most: CpuOptions.MaximumThreadCount) ?? Environment.ProcessorCount;
            var isJson = parse.GetValue(json);
            var paths = parse.GetValue(files) ?? [];
            var texts = paths.Length == 0 ? [("scenes", SceneCorpus.Create(SceneCharacters, SceneSeed).Bytes.ToArray())] : paths.Select(path => (Name: Path.GetFileName(path), Text: TextFile.Read(path))).ToArray();
            if (Array.Find(texts, text => text.Item2.Length == 0) is ({ } empty, _))
            {
                throw new FailureException($"{empty} is empty; there is nothing to measure");
            }

            var tokenizer = tokenizerOption.Read(parse);
            if (!isJson)
            {
                streams.Output.WriteLine($"{"text",-20} {"bytes",12} {"tokens",12} {"1 thread",10} {$"{threadCount} threads",10} {"decoding",10}   MB/s");
            }

            foreach (var (name, text) in texts)
            {
                Write(streams, isJson, Measure(name, text, tokenizer, threadCount));
            }

            if (parse.GetValue(runs))
            {
                WriteRuns(streams, isJson, tokenizer);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Figures Measure(string name, byte[] text, Tokenizer tokenizer, int threadCount)
    {
        var ids = tokenizer.Encode(text);
        return new Figures(name, text.Length, ids.Length)
        {
            Encoding = Rate(() => tokenizer.Encode(text)),
            Parallel = Rate(() => tokenizer.EncodeInParallel(text, threadCount)),
            Decoding = Rate(() => tokenizer.DecodeBytes(ids)),
        };

        double Rate(Action work) => text.Length / Seconds(work, SecondsPerFigure) / 1e6;
    }

    private static double Seconds(Action work, double enough)
    {
        work();
        return BenchCommand.MedianSeconds(work, enough, least: 3);
    }

    private static void Write(Streams streams, bool json, Figures figures)
    {
        if (json)
        {
            streams.Output.WriteJsonLine(new JsonObject
            {
                ["name"] = figures.Name,
                ["byteCount"] = figures.ByteCount,
                ["tokenCount"] = figures.TokenCount,
                ["megabytesPerSecond"] = figures.Encoding,
                ["megabytesPerSecondInParallel"] = figures.Parallel,
                ["megabytesPerSecondDecoding"] = figures.Decoding,
            });
            return;
        }

        streams.Output.WriteLine(
            $"{figures.Name,-20} {figures.ByteCount,12:N0} {figures.TokenCount,12:N0} {figures.Encoding,10:N1} {figures.Parallel,10:N1} {figures.Decoding,10:N1}");
    }

    private static void WriteRuns(Streams streams, bool json, Tokenizer tokenizer)
    {
        if (!json)
        {
            streams.Output.WriteLine();
            streams.Output.WriteLine($"{"10 MB of",-20} {"seconds",12} {"of 5 MB",12}");
        }

        foreach (var unit in Runs)
        {
            var (shorter, longer) = (Repeated(unit, RunBytes / 2), Repeated(unit, RunBytes));
            var half = Seconds(() => tokenizer.Encode(shorter), enough: 0);
            var whole = Seconds(() => tokenizer.Encode(longer), enough: 0);
            var name = string.Join(' ', unit.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}"));
            if (json)
            {
                streams.Output.WriteJsonLine(new JsonObject { ["name"] = name, ["seconds"] = whole, ["growth"] = whole / half });
            }
            else
            {
                streams.Output.WriteLine($"{name,-20} {whole,12:0.000} {whole / half,11:0.00}×");
            }
        }
    }

    private static byte[] Repeated(string unit, int byteCount)
    {
        var bytes = Encoding.UTF8.GetBytes(unit);
        var text = new byte[byteCount / bytes.Length * bytes.Length];
        for (var i = 0; i < text.Length; i += bytes.Length)
        {
            bytes.CopyTo(text, i);
        }

        return text;
    }

    private sealed record Figures(string Name, int ByteCount, int TokenCount)
    {
        /// <summary>Megabytes of text per second, one thread.</summary>
        public double Encoding { get; init; }

        /// <summary>The same with several threads.</summary>
        public double Parallel { get; init; }

        /// <summary>Megabytes of text that decoding gives per second.</summary>
        public double Decoding { get; init; }
    }
}
