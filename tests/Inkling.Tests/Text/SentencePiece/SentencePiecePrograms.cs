using System.Collections.Concurrent;
using System.Diagnostics;

namespace Inkling.Tests.Text.SentencePiece;

/// <summary>Runs the programs of Debian's <c>sentencepiece</c>, which the library is compared with, and trains models with them.</summary>
public sealed class SentencePiecePrograms : IDisposable
{
    private static readonly string[] Programs = ["spm_train", "spm_encode", "spm_decode", "spm_normalize"];
    private static readonly string[] Texts = ["train.en", "train.de"];

    private readonly string _folder = Directory.CreateTempSubdirectory("inkling-sentencepiece-").FullName;
    private readonly ConcurrentDictionary<string, Lazy<byte[]>> _models = new();
    private readonly Lazy<byte[][]> _lines = new(() => [.. Texts.SelectMany(name => LinesOf(File.ReadAllBytes(TestData.PathOf($"multi30k/{name}"))).Take(10_000))]);

    /// <summary>Why a comparison has to be skipped, or null.</summary>
    public static string? ReasonToSkip
    {
        get
        {
            string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            string? missing = Array.Find(Programs, program => !Array.Exists(folders, folder => File.Exists(Path.Combine(folder, program))));
            return missing is null
                ? TestData.ReasonToSkip([.. Texts.Select(name => $"multi30k/{name}")])
                : $"no {missing}, which the package sentencepiece of Debian has";
        }
    }

    /// <summary>2,500 English and 2,500 German sentences to train on.</summary>
    public IEnumerable<byte[]> TrainingLines => _lines.Value[..2_500].Concat(_lines.Value[10_000..12_500]);

    /// <summary>5,000 others of each.</summary>
    public byte[][] OtherLines => [.. _lines.Value[5_000..10_000], .. _lines.Value[15_000..]];

    /// <summary>The lines of a file, without their ends.</summary>
    public static IEnumerable<byte[]> LinesOf(byte[] text)
    {
        for (int start = 0, length; start < text.Length; start += length + 1)
        {
            length = text.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? text.Length - start : length;
            yield return text[start..(start + length)];
        }
    }

    /// <summary>A trained model; one that was trained before is not trained again.</summary>
    /// <param name="options">Options of <c>spm_train</c>.</param>
    public byte[] Train(string options) =>
        _models.GetOrAdd(options, _ => new Lazy<byte[]>(() =>
        {
            string text = Write(TrainingLines), prefix = PathOfNew();
            Run("spm_train", [$"--input={text}", $"--model_prefix={prefix}", "--num_threads=1", "--minloglevel=2", .. options.Split(' ')]);
            return File.ReadAllBytes($"{prefix}.model");
        })).Value;

    /// <summary>What <c>spm_encode</c> makes of lines.</summary>
    public int[][] Encode(byte[] model, IEnumerable<byte[]> lines) =>
        [.. Convert("spm_encode", model, lines, "--output_format=id").Select(line =>
            Array.ConvertAll(System.Text.Encoding.ASCII.GetString(line).Split(' ', StringSplitOptions.RemoveEmptyEntries), int.Parse))];

    /// <summary>What <c>spm_decode</c> makes of ids, none of them empty.</summary>
    public byte[][] Decode(byte[] model, IEnumerable<int[]> ids) =>
        Convert("spm_decode", model, ids.Select(line => System.Text.Encoding.ASCII.GetBytes(string.Join(' ', line))), "--input_format=id");

    /// <summary>What <c>spm_normalize</c> makes of lines.</summary>
    public byte[][] Normalize(byte[] model, IEnumerable<byte[]> lines) => Convert("spm_normalize", model, lines, "--use_internal_normalization");

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private byte[][] Convert(string program, byte[] model, IEnumerable<byte[]> lines, string option)
    {
        string modelPath = PathOfNew(), input = Write(lines), output = PathOfNew();
        File.WriteAllBytes(modelPath, model);
        Run(program, [$"--model={modelPath}", option, $"--input={input}", $"--output={output}"]);
        return [.. LinesOf(File.ReadAllBytes(output))];
    }

    private string Write(IEnumerable<byte[]> lines)
    {
        string path = PathOfNew();
        using FileStream stream = File.Create(path);
        foreach (byte[] line in lines)
        {
            stream.Write(line);
            stream.WriteByte((byte)'\n');
        }

        return path;
    }

    private string PathOfNew() => Path.Combine(_folder, Path.GetRandomFileName());

    private static void Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{output.Result}{errors}");
    }
}
