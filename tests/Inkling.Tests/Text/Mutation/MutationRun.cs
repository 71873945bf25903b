using System.Diagnostics;
using System.Globalization;
using System.Text;
using Inkling.Text;

namespace Inkling.Tests.Text.Mutation;

/// <summary>Loads one damaged file after the other, and uses what loads.</summary>
internal sealed class MutationRun(FileMutator mutator, Func<byte[], Tokenizer> load)
{
    private const long MaxAllocatedBytes = 64 << 20;

    // Little, so that a loader that recurses on the depth of a file is found out; none of ours needs it.
    private const int StackBytes = 1 << 18;

    private static readonly byte[][] Texts =
    [
        [],
        .. "Hello, world! it's 12345.|Größe\t墨水 \U0001F58B\uFE0F e\u0301 \uFB01\r\n|<|endoftext|> [CLS] <s></s> ▁Ġ|  \n\n   x".Split('|').Select(Encoding.UTF8.GetBytes),
        Encoding.UTF8.GetBytes(new string('a', 2_000)),
        Encoding.UTF8.GetBytes("a" + new string('\u0301', 500)),
        [(byte)'a', 0xFF, 0xC3, (byte)' ', 0xE2, 0x82],
    ];

    // So many at least, however slow the machine is: the same ones everywhere.
    private const int MinCount = 300;

    private int _count;
    private int _loadedCount;
    private string? _failure;

    /// <summary>The most that a file may take to be loaded and used.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the last file may hang before it is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many files were tried.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many of them loaded.</summary>
    public int LoadedCount => Volatile.Read(ref _loadedCount);

    /// <summary>Goes on until the time is up or something is wrong.</summary>
    /// <returns>What is wrong, with the file in base64; null where nothing is.</returns>
    public string? Run(TimeSpan duration)
    {
        var thread = new Thread(() => TryAll(duration), StackBytes) { IsBackground = true };
        thread.Start();
        bool ends = thread.Join(duration + Patience);
        string? failure = ends ? _failure : "does not come to an end";
        if (failure is null)
            return null;

        int number = ends ? Count - 1 : Count;
        return $"File {number} of seed {mutator.Seed} {failure}:\n{Convert.ToBase64String(mutator.Next(number))}";
    }

    private void TryAll(TimeSpan duration)
    {
        for (var watch = Stopwatch.StartNew(); _failure is null && (_count < MinCount || watch.Elapsed < duration); Volatile.Write(ref _count, _count + 1))
        {
            _failure = Try(mutator.Next(_count), out bool loads);
            Volatile.Write(ref _loadedCount, _loadedCount + (loads ? 1 : 0));
        }
    }

    // What is wrong, or null. A case that takes long is tried again, since the machine may have done something else meanwhile.
    private string? Try(byte[] file, out bool loads)
    {
        string? problem = null;
        loads = false;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            var watch = Stopwatch.StartNew();
            long before = GC.GetAllocatedBytesForCurrentThread();
            problem = LoadAndUse(file, out loads);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (problem is not null || allocated > MaxAllocatedBytes)
                return problem ?? $"allocates {allocated >> 20} MiB, more than {MaxAllocatedBytes >> 20}";

            if (watch.Elapsed <= MaxTime)
                return null;

            problem = string.Create(CultureInfo.InvariantCulture, $"takes {watch.Elapsed.TotalSeconds:f1} s, more than {MaxTime.TotalSeconds}");
        }

        return problem;
    }

    private string? LoadAndUse(byte[] file, out bool loads)
    {
        loads = false;
        try
        {
            Tokenizer tokenizer = load(file);
            loads = true;
            foreach (byte[] text in Texts)
            {
                if (Use(tokenizer, text) is { } problem)
                    return $"loads, and with the text '{Encoding.UTF8.GetString(text)}' {problem}";
            }

            return null;
        }
        catch (TokenizerFormatException e) when (!loads)
        {
            return e.Message.Length > 500 || e.Message.Any(char.IsControl) ? $"gives a message that is no line: {e.Message}" : null;
        }
        catch (Exception e)
        {
            return $"gives {e}";
        }
    }

    private static string? Use(Tokenizer tokenizer, byte[] text)
    {
        try
        {
            int[] ids = tokenizer.Encode(text, SpecialTokenUse.Recognize | SpecialTokenUse.Add);
            TokenSpan[] spans = tokenizer.EncodeWithOffsets(text, SpecialTokenUse.Recognize | SpecialTokenUse.Add);
            if (!ids.SequenceEqual(spans.Select(span => span.Id)))
                return "encodes otherwise with offsets";

            if (spans.Any(span => span.Start < 0 || span.Length < 0 || span.Start + span.Length > text.Length))
                return "has offsets outside the text";

            string decoded = tokenizer.Decode(ids);
            TokenDecoder decoder = tokenizer.CreateDecoder();
            string streamed = string.Concat(ids.Select(id => decoder.Append(id))) + decoder.Flush();
            if (decoded != streamed)
                return $"decodes to '{decoded}' at once and to '{streamed}' token by token";

            tokenizer.Explain(Encoding.UTF8.GetString(text));
            return tokenizer.Encode(text).All(id => id >= 0 && id < tokenizer.VocabularySize) ? null : "has ids outside its vocabulary";
        }
        catch (Exception e) when (IsTyped(e))
        {
            return null;
        }
    }

    // One of ours that callers can name.
    private static bool IsTyped(Exception e) => e.GetType() is { IsPublic: true, Namespace: "Inkling.Text" } && e is not TokenizerFormatException;
}
