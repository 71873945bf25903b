using System.Text;
using Inkling.Text;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

public sealed class MergesFileMutationTests(ITestOutputHelper log) : MutationTests(log)
{
    // Both files in one, so that either is damaged, with a byte between that is part of neither.
    private const byte Border = 0;

    protected override byte[][] Samples { get; } =
        [
            [
                .. """{"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "H": 5, "e": 6, "He": 7, "<|endoftext|>": 8, "aa": 9, "aaaa": 10}"""u8, Border,
                .. "#version: 0.2\na b\nĠ ab\nH e\na a\naa aa\n"u8,
            ],
            [.. "{\"a\":0}"u8, Border],
        ];

    protected override byte[][] Fragments { get; } =
        [.. "{|}|[|\"|,|:|null|\\ud800|\\|\"c\": 11, |\uFEFF|\n|\r\n| |a a\n|b|Ġ".Split('|').Select(Encoding.UTF8.GetBytes)];

    protected override Tokenizer Load(byte[] file)
    {
        int border = file.IndexOf(Border) is >= 0 and var found ? found : file.Length;
        return MergesFile.Load(new MemoryStream(file[..border]), new MemoryStream(file[Math.Min(file.Length, border + 1)..]));
    }
}
