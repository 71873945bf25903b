using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Inkling.Text;

/// <summary>Turns text into token ids and back. Instances are immutable and safe to share between threads.</summary>
// A class and not an interface, because every kind shares one table: the bytes of each token. Decoding, byte counts
// and streaming all read that table, so that no two of them can disagree.
public abstract class Tokenizer
{
    private readonly byte[][] _tokens;

    /// <summary>Takes the raw bytes of every token, in the order of the ids.</summary>
    /// <param name="tokens">The table; kept, not copied.</param>
    protected Tokenizer(byte[][] tokens) => _tokens = tokens;

    /// <summary>How many tokens there are; ids run from 0 to this number − 1.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>Gives the ids of a UTF-8 text. A byte-order mark counts as text.</summary>
    /// <exception cref="InvalidTextException">The kind of tokenizer needs valid UTF-8 and this is not.</exception>
    /// <exception cref="UnknownCharacterException">A character is outside the vocabulary and there is no way to spell it.</exception>
    public abstract int[] Encode(ReadOnlySpan<byte> utf8);

    /// <summary>Gives the same ids piece by piece, for a text whose ids would be a large array.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="append">Receives the pieces in order; each is valid during the call only.</param>
    /// <exception cref="InvalidTextException">As for the whole text.</exception>
    /// <exception cref="UnknownCharacterException">As for the whole text.</exception>
    public virtual void Encode(ReadOnlySpan<byte> utf8, Action<ReadOnlySpan<int>> append) => append(Encode(utf8));

    /// <summary>Gives the ids of a string; offsets in errors count the bytes of its UTF-8 form.</summary>
    /// <exception cref="InvalidTextException">A surrogate has no partner.</exception>
    /// <exception cref="UnknownCharacterException">A character is outside the vocabulary and there is no way to spell it.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Utf8.FromUtf16(text, utf8, out int read, out int written, replaceInvalidSequences: false);
        return read == text.Length
            ? Encode(utf8.AsSpan(0, written))
            : throw InvalidTextException.Surrogate(text[read], read);
    }

    /// <summary>Joins the text of the tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="UnknownTokenException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(DecodeBytes(ids));

    /// <summary>Joins the raw bytes of the tokens, whether they make UTF-8 or not.</summary>
    /// <exception cref="UnknownTokenException">An id is outside the vocabulary.</exception>
    /// <exception cref="OverflowException">The text would not fit into one array.</exception>
    public virtual byte[] DecodeBytes(ReadOnlySpan<int> ids)
    {
        var text = new byte[checked((int)CountBytes(ids))];
        Span<byte> rest = text;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> token = BytesOf(id);
            token.CopyTo(rest);
            rest = rest[token.Length..];
        }

        return text;
    }

    /// <summary>Shows the raw bytes that a token stands for; they need not be UTF-8 by themselves.</summary>
    /// <exception cref="UnknownTokenException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> BytesOf(int id) =>
        (uint)id < (uint)_tokens.Length ? _tokens[id] : throw new UnknownTokenException(id, _tokens.Length);

    /// <summary>Adds up the lengths of the tokens in bytes, the denominator of bits per byte.</summary>
    /// <exception cref="UnknownTokenException">An id is outside the vocabulary.</exception>
    public long CountBytes(ReadOnlySpan<int> ids)
    {
        long count = 0;
        foreach (int id in ids)
            count += BytesOf(id).Length;

        return count;
    }

    /// <summary>Writes a Hugging Face <c>tokenizer.json</c>; equal tokenizers write equal bytes.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public abstract void Save(Stream stream);

    /// <summary>Writes the <c>tokenizer_config.json</c> that other tools expect beside <c>tokenizer.json</c>.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <param name="contextLength">The longest sequence, in tokens, that the model accepts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The context has no token.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public virtual void SaveConfiguration(Stream stream, int contextLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        using var writer = new Utf8JsonWriter(stream, TokenizerJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        writer.WriteNumber("model_max_length", contextLength);
        // Otherwise some versions "tidy" the spaces before punctuation, and text no longer survives a round trip.
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        writer.WriteEndObject();
    }
}
