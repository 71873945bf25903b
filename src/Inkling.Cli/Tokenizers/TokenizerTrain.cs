using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Cli.Screen;
using Inkling.Formats;
using Inkling.Kernels.Cpu;
using Inkling.Text.Learning;

namespace Inkling.Cli.Tokenizers;

/// <summary><c>inkling tokenizer train</c>: a vocabulary from a text.</summary>
internal static class TokenizerTrain
{
    private const int DefaultSize = 8_192;

    // Enough of a text to say how well it is compressed.
    private const int SampleBytes = 1 << 20;

    public static Command Create(Streams streams)
    {
        var corpus = new Argument<string>("corpus") { Description = "Text file of any length, or a pipe; it is read once, block by block" }.NotEmpty();
        var type = new Option<string>("--type")
        {
            HelpName = "type",
            Description = "bpe, on bytes as GPT's, or unigram, as SentencePiece's",
            DefaultValueFactory = _ => TokenizerRecipe.Types[0],
        };
        var size = new Option<string?>("--size") { HelpName = "n", Description = $"Tokens in all [default: {DefaultSize}]" };
        var output = new Option<string>("--out") { HelpName = "folder", Description = "Folder for tokenizer.json and tokenizer_config.json", Required = true }.NotEmpty();
        var pattern = new Option<string?>("--pattern")
        {
            HelpName = "name",
            Description = $"For bpe, whose pattern splits the text: {string.Join(", ", BytePairTrainingOptions.Patterns)} [default: {BytePairTrainingOptions.Patterns[0]}]",
        }.NotEmpty();
        var special = new Option<string[]>("--special")
        {
            HelpName = "token",
            Description = "For bpe, a special token; may be given again for others [default: <|endoftext|>]",
        }.NotEmpty();
        var threads = new Option<string?>("--threads") { HelpName = "n", Description = "Threads [default: one for each processor]" };
        var json = new Option<bool>("--json") { Description = "One line of JSON; progress goes to standard error" };
        var command = new Command("train", "Learns a tokenizer from a text.") { corpus, type, size, output, pattern, special, threads, json };
        command.SetAction(parse =>
        {
            var recipe = new TokenizerRecipe(
                parse.GetRequiredValue(type),
                parse.ReadNumber(size, least: 1) ?? DefaultSize,
                parse.ReadNumber(threads, least: 1, most: CpuOptions.MaximumThreadCount) ?? Environment.ProcessorCount)
            {
                Pattern = parse.GetValue(pattern),
                SpecialTokens = parse.GetValue(special) is { Length: > 0 } tokens ? tokens : null,
            };
            recipe.Check("--size");
            var (path, folder, isJson) = (parse.GetRequiredValue(corpus), parse.GetRequiredValue(output), parse.GetValue(json));
            TokenizerFiles.RequireFree(folder);
            using var text = TextFile.Open(path);
            using var interruption = new Interruption();
            var line = new TokenizerTrainingLine(isJson ? streams.Error : streams.Output, isJson ? Terminal.None : streams.Terminal, text.CanSeek ? text.Length : null, recipe.Size);
            TrainedTokenizer trained;
            try
            {
                trained = recipe.Train(text, path, line, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                return interruption.RequestedExitCode;
            }
            finally
            {
                line.End();
            }

            var seconds = line.Seconds;
            TokenizerFiles.Save(folder, trained.Tokenizer);
            var bytesPerToken = text.CanSeek ? BytesPerToken(text, trained) : (double?)null;
            if (isJson)
            {
                streams.Output.WriteJsonLine(new JsonObject
                {
                    ["type"] = recipe.Type,
                    ["vocabularySize"] = trained.Tokenizer.VocabularySize,
                    ["byteCount"] = trained.ByteCount,
                    ["pieceCount"] = trained.PieceCount,
                    ["uniquePieceCount"] = trained.UniquePieceCount,
                    ["bytesPerToken"] = JsonLine.Number(bytesPerToken),
                    ["seconds"] = seconds,
                    ["folder"] = folder,
                });
                return ExitCode.Success;
            }

            var sheet = new Sheet(streams.Output, streams.Terminal);
            sheet.Add("tokenizer", $"{trained.Tokenizer.Kind}, {trained.Tokenizer.VocabularySize:N0} tokens");
            if (!trained.IsComplete)
            {
                sheet.Add("", $"(the text gives no more; {recipe.Size:N0} were asked for)");
            }

            sheet.Add("text", $"{Units.Bytes(trained.ByteCount)}, {trained.PieceCount:N0} pieces, {trained.UniquePieceCount:N0} different ones");
            if (bytesPerToken is not null)
            {
                sheet.Add("compression", $"{bytesPerToken:N2} bytes per token");
            }

            sheet.Add("time", $"{Units.Duration(seconds)}, {Units.Bytes(trained.ByteCount / seconds)}/s");
            sheet.Add("folder", folder);
            streams.Output.WriteLine("to look at it:");
            streams.Output.WriteLine($"  {Invocation.Name} tokenizer show --tokenizer {Invocation.Quote(folder)} --text \"Once upon a time\"");
            if (text.CanSeek)
            {
                streams.Output.WriteLine("to train a model with it:");
                streams.Output.WriteLine($"  {Invocation.Name} train {Invocation.Quote(path)} --tokenizer {Invocation.Quote(folder)}");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static double BytesPerToken(FileStream text, TrainedTokenizer trained)
    {
        text.Position = 0;
        var sample = new byte[Math.Min(text.Length, SampleBytes)];
        text.ReadExactly(sample);
        return (double)sample.Length / Math.Max(1, trained.Tokenizer.Encode(sample).Length);
    }
}
