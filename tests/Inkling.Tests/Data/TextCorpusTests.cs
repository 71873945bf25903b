using System.Text;
using Inkling.Data;

namespace Inkling.Tests.Data;

public sealed class TextCorpusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("inkling-corpus-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_corpus_is_the_bytes_of_its_file()
    {
        TextCorpus corpus = TextCorpus.Open(Write("tales.of.old.txt", "abc"u8));

        Assert.Equal("tales.of.old", corpus.Name);
        Assert.Equal("abc"u8.ToArray(), corpus.Bytes.ToArray());
        Assert.Equal(3, corpus.ByteCount);
        // The SHA-256 of "abc" in FIPS 180-2, appendix B.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", corpus.Sha256);
    }

    [Fact]
    public void A_byte_order_mark_is_kept_as_text() =>
        Assert.Equal(4, TextCorpus.Open(Write("bom.txt", [0xEF, 0xBB, 0xBF, (byte)'a'])).ByteCount);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(".hidden", ".hidden")]
    public void A_name_is_never_empty(string file, string name) => Assert.Equal(name, TextCorpus.Open(Write(file, "a"u8)).Name);

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(_folder, "none.txt");

        Assert.Equal($"{path} does not exist.", Assert.Throws<CorpusException>(() => TextCorpus.Open(path)).Message);
        Assert.Equal(" does not exist.", Assert.Throws<CorpusException>(() => TextCorpus.Open("")).Message);
    }

    [Fact]
    public void A_folder_is_not_a_corpus() =>
        Assert.Equal($"{_folder} is a folder; a corpus is one text file.", Assert.Throws<CorpusException>(() => TextCorpus.Open(_folder)).Message);

    [Fact]
    public void An_empty_file_is_not_a_corpus()
    {
        string path = Write("empty.txt", []);

        Assert.Equal($"{path} is empty, or no regular file.", Assert.Throws<CorpusException>(() => TextCorpus.Open(path)).Message);
    }

    [Fact]
    public void A_file_that_cannot_be_read_says_why()
    {
        string path = Write("locked.txt", "abc"u8);
        using var exclusive = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var error = Assert.Throws<CorpusException>(() => TextCorpus.Open(path));
        Assert.StartsWith($"{path} cannot be read. ", error.Message);
        Assert.IsType<IOException>(error.InnerException);
    }

    [Fact]
    public void Latin_1_is_refused_with_the_offset_of_the_first_bad_byte()
    {
        string path = Write("latin1.txt", Encoding.Latin1.GetBytes("a café, a second é"));

        Assert.Equal($"{path} is not UTF-8 text. Byte 0xE9 at offset 5 is not valid UTF-8.", Assert.Throws<CorpusException>(() => TextCorpus.Open(path)).Message);
    }

    [Fact]
    public void A_text_in_memory_is_held_to_the_same_rules()
    {
        Assert.Equal("scenes", new TextCorpus("scenes", "abc"u8.ToArray()).Name);
        Assert.Equal("scenes is empty.", Assert.Throws<CorpusException>(() => new TextCorpus("scenes", Array.Empty<byte>())).Message);
        Assert.Equal("scenes is not UTF-8 text. Byte 0xFF at offset 0 is not valid UTF-8.", Assert.Throws<CorpusException>(() => new TextCorpus("scenes", new byte[] { 0xFF })).Message);
    }

    private string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
