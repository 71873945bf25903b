using Inkling.Formats;

namespace Inkling.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_created_and_then_replaced()
    {
        AtomicFile.Write(_folder["a"], stream => stream.Write("one, long"u8));
        AtomicFile.Write(_folder["a"], stream => stream.Write("two"u8));

        Assert.Equal("two", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Entries());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_537)]
    public void A_failure_at_any_byte_leaves_the_old_file_and_nothing_else(int byteCount)
    {
        AtomicFile.Write(_folder["a"], stream => stream.Write("old"u8));

        var error = Assert.Throws<IOException>(() => AtomicFile.Write(_folder["a"], stream =>
        {
            stream.Write(new byte[byteCount]);
            throw new IOException("No space left on device");
        }));

        Assert.Equal("No space left on device", error.Message);
        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Entries());
    }

    [Fact]
    public void A_reader_keeps_the_file_that_it_opened()
    {
        AtomicFile.Write(_folder["a"], stream => stream.Write("old"u8));
        using var reader = new FileStream(_folder["a"], FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

        AtomicFile.Write(_folder["a"], stream => stream.Write("new"u8));

        Assert.Equal("old", new StreamReader(reader).ReadToEnd());
    }

    [Fact]
    public void A_target_that_is_a_folder_is_refused_and_nothing_stays_behind()
    {
        Directory.CreateDirectory(_folder["a"]);

        Assert.ThrowsAny<SystemException>(() => AtomicFile.Write(_folder["a"], stream => stream.Write("x"u8)));
        Assert.Equal(["a"], _folder.Entries());
    }
}
