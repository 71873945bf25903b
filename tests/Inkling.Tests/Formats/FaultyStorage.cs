using Inkling.Formats;

namespace Inkling.Tests.Formats;

/// <summary>
/// A disk that dies at a chosen operation, as the power may, or refuses some, as a full one does. The first writes to a file are one operation each. Nothing waits
/// for the real disk, so that a test can run hundreds of them.
/// </summary>
internal sealed class FaultyStorage : Storage
{
    private const int CountedWrites = 2;

    private bool _isDead;

    /// <summary>Operations so far.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation before which, or half-way in which, everything ends.</summary>
    public int DiesAt { get; init; } = int.MaxValue;

    /// <summary>Which operations are refused.</summary>
    public Func<int, bool> Refuses { get; init; } = _ => false;

    /// <summary>What the disk says of its room.</summary>
    public long? Free { get; init; }

    public override void CreateFolder(string path)
    {
        Count();
        base.CreateFolder(path);
    }

    public override void Write(string path, Action<Stream> write)
    {
        Count();
        using var stream = new FaultyStream(this, new FileStream(path, FileMode.CreateNew), CountedWrites);
        write(stream);
    }

    public override Stream OpenToAppend(string path)
    {
        Count();
        return new FaultyStream(this, base.OpenToAppend(path), int.MaxValue);
    }

    public override void Flush(Stream stream)
    {
        Count();
        stream.Flush();
    }

    public override void MoveFile(string from, string to)
    {
        Count();
        base.MoveFile(from, to);
    }

    public override void MoveFolder(string from, string to)
    {
        Count();
        base.MoveFolder(from, to);
    }

    // A full disk can still delete.
    public override void DeleteFile(string path)
    {
        Count(isWriting: false);
        base.DeleteFile(path);
    }

    public override void DeleteFolder(string path)
    {
        Count(isWriting: false);
        base.DeleteFolder(path);
    }

    public override void FlushFolder(string path) => Count();

    public override long? FreeBytes(string path) => Free ?? base.FreeBytes(path);

    private void Count(bool isWriting = true)
    {
        var number = Operations++;
        if (_isDead || number == DiesAt)
        {
            _isDead = true;
            throw new DeathException();
        }

        if (isWriting && Refuses(number))
        {
            throw new IOException("No space left on device");
        }
    }

    /// <summary>The end of the process. Nobody catches it, and whatever is tried after it meets it again.</summary>
    public sealed class DeathException : Exception;

    private sealed class FaultyStream(FaultyStorage storage, Stream inner, int countedWrites) : Stream
    {
        private int _writes;

        public override bool CanRead => false;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                if (_writes++ < countedWrites)
                {
                    storage.Count();
                }
            }
            catch
            {
                inner.Write(buffer[..(buffer.Length / 2)]);
                throw;
            }

            inner.Write(buffer);
        }

        public override void Flush() => inner.Flush();

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value)
        {
            storage.Count(isWriting: false);
            inner.SetLength(value);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
