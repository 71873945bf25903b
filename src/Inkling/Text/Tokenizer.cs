using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Inkling.Text.HuggingFace;

namespace Inkling.Text;

/// <summary>Turns text into token ids and back. Instances are immutable and safe to share between threads.</summary>
// A class and not an interface, because every kind shares one table: the bytes of each token. Decoding, byte counts
// and streaming all read that table, so that no two of them can disagree.
public abstract class Tokenizer
{
    // Pieces of a text that is encoded by several threads: large enough that starting one costs nothing beside it, small enough that no thread waits long for the last.
    private const int ParallelPieceBytes = 1 << 16;

    // The working memory of a longer text is not kept for the next one: it may be several times as large as the text.
    private const int LargestKeptTextBytes = 1 << 24;

    private readonly byte[]?[] _tokens;
    private readonly SessionPool _sessions;

    /// <summary>Takes the raw bytes of every token, in the order of the ids.</summary>
    /// <param name="tokens">The table; kept, not copied. Null where an id is not in use.</param>
    /// <param name="added">Tokens that are found in the text as a whole.</param>
    private protected Tokenizer(byte[]?[] tokens, IEnumerable<AddedToken>? added = null)
    {
        _tokens = tokens;
        _sessions = new SessionPool(() => new EncodingSession(CreateWorkspace()));
        AddedTokens = [.. added ?? []];
    }

    /// <summary>How many ids there are, from 0 to this number − 1.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>Tokens that are found in a text as a whole: always, or only where the caller allows special tokens.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>What decoding does with the space that encoding put before the text, as SentencePiece does.</summary>
    private protected virtual LeadingSpace LeadingSpace => LeadingSpace.Stays;

    /// <summary>What kind of tokenizer it is, such as <c>byte-level BPE</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Gives the ids of a UTF-8 text. A byte-order mark counts as text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="special">What special tokens are; by default text like any other.</param>
    /// <exception cref="InvalidTextException">The kind of tokenizer needs valid UTF-8 and this is not.</exception>
    /// <exception cref="UnknownCharacterException">A character is outside the vocabulary and there is no way to spell it.</exception>
    public int[] Encode(ReadOnlySpan<byte> utf8, SpecialTokenUse special = SpecialTokenUse.None) =>
        Run(utf8, special, EncodingSession.Detail.Ids, append: null, static session => session.Ids.ToArray());

    /// <summary>Gives the ids of a string; offsets in errors count the bytes of its UTF-8 form.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{byte}, SpecialTokenUse)"/>
    /// <exception cref="InvalidTextException">A surrogate has no partner.</exception>
    public int[] Encode(string text, SpecialTokenUse special = SpecialTokenUse.None) => Encode(Utf8Of(text), special);

    /// <summary>Gives the same ids piece by piece, for a text whose ids would be a large array.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="append">Receives the pieces in order; each is valid during the call only.</param>
    /// <param name="special">What special tokens are; by default text like any other.</param>
    /// <exception cref="InvalidTextException">As for the whole text.</exception>
    /// <exception cref="UnknownCharacterException">As for the whole text.</exception>
    public void Encode(ReadOnlySpan<byte> utf8, Action<ReadOnlySpan<int>> append, SpecialTokenUse special = SpecialTokenUse.None)
    {
        ArgumentNullException.ThrowIfNull(append);
        Run(utf8, special, EncodingSession.Detail.Ids, append, static session =>
        {
            session.Flush();
            return true;
        });
    }

    /// <summary>Gives the ids together with the bytes of the text that each stands for.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{byte}, SpecialTokenUse)"/>
    public TokenSpan[] EncodeWithOffsets(ReadOnlySpan<byte> utf8, SpecialTokenUse special = SpecialTokenUse.None) =>
        Run(utf8, special, EncodingSession.Detail.Offsets, append: null, static session => session.Spans.ToArray());

    /// <summary>Tells every step: the normalised text, its pieces, the merges in their order, the tokens.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{byte}, SpecialTokenUse)"/>
    public EncodingExplanation Explain(ReadOnlySpan<byte> utf8, SpecialTokenUse special = SpecialTokenUse.None) =>
        Run(utf8, special, EncodingSession.Detail.Explanation, append: null, static session => session.Explanation);

    /// <summary>Tells every step of a string.</summary>
    /// <inheritdoc cref="Encode(string, SpecialTokenUse)"/>
    public EncodingExplanation Explain(string text, SpecialTokenUse special = SpecialTokenUse.None) => Explain(Utf8Of(text), special);

    /// <summary>Gives the ids of a long text, with several threads where the text can be cut without changing them.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="threadCount">How many threads may work on it.</param>
    /// <returns>The ids of the pieces, which together are those of the text.</returns>
    /// <exception cref="InvalidTextException">As for <see cref="Encode(ReadOnlySpan{byte}, SpecialTokenUse)"/>, with the offset in the whole text.</exception>
    /// <exception cref="UnknownCharacterException">As there.</exception>
    public IReadOnlyList<int[]> EncodeInParallel(ReadOnlyMemory<byte> utf8, int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        var cuts = new List<int> { 0 };
        while (cuts[^1] < utf8.Length)
        {
            int wanted = utf8.Length - cuts[^1] <= ParallelPieceBytes ? utf8.Length : cuts[^1] + ParallelPieceBytes;
            cuts.Add(wanted == utf8.Length ? wanted : FindCut(utf8.Span, wanted));
        }

        var pieces = new int[cuts.Count - 1][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threadCount };
        try
        {
            Parallel.For(0, pieces.Length, options, piece => pieces[piece] = Encode(utf8.Span[cuts[piece]..cuts[piece + 1]]));
        }
        catch (AggregateException)
        {
            // Which piece failed first is chance; the text as a whole fails at its first bad place, with the right offset.
            return [Encode(utf8.Span)];
        }

        return pieces;
    }

    /// <summary>Joins the text of the tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="UnknownTokenException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(DecodeBytes(ids));

    /// <summary>Joins the raw bytes of the tokens, whether they make UTF-8 or not.</summary>
    /// <exception cref="UnknownTokenException">An id is outside the vocabulary.</exception>
    /// <exception cref="OverflowException">The text would not fit into one array.</exception>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids)
    {
        var text = new byte[checked((int)CountBytes(ids))];
        Span<byte> rest = text;
        bool isStart = true;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> token = BytesOf(id, ref isStart);
            token.CopyTo(rest);
            rest = rest[token.Length..];
        }

        return rest.IsEmpty ? text : text[..^rest.Length];
    }

    /// <summary>Begins to decode tokens that arrive one by one.</summary>
    public TokenDecoder CreateDecoder() => new(this);

    /// <summary>Whether an id below <see cref="VocabularySize"/> names a token; some files leave ids out.</summary>
    public bool IsUsed(int id) => (uint)id < (uint)_tokens.Length && _tokens[id] is not null;

    /// <summary>Shows the raw bytes that a token stands for; they need not be UTF-8 by themselves.</summary>
    /// <exception cref="UnknownTokenException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> BytesOf(int id) =>
        (uint)id < (uint)_tokens.Length && _tokens[id] is { } token ? token : throw new UnknownTokenException(id, _tokens.Length);

    /// <summary>Shows the bytes of a token without the space that encoding put there.</summary>
    /// <param name="id">The token.</param>
    /// <param name="isStart">Whether the text may still begin with that space; set to false when it no longer may.</param>
    internal ReadOnlySpan<byte> BytesOf(int id, ref bool isStart)
    {
        ReadOnlySpan<byte> bytes = BytesOf(id);
        if (!isStart || bytes.IsEmpty)
            return bytes;

        if (LeadingSpace != LeadingSpace.Stays && bytes[0] == ' ' && !OwnsSpace(id))
            bytes = bytes[1..];

        isStart = LeadingSpace == LeadingSpace.EachTokenLosesIt && bytes.IsEmpty;
        return bytes;
    }

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
    /// <exception cref="NotSupportedException">Such a file has no way to say what the tokenizer does: some rare kinds of SentencePiece models.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public abstract void Save(Stream stream);

    /// <summary>Writes the <c>tokenizer_config.json</c> that other tools expect beside <c>tokenizer.json</c>.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <param name="contextLength">The longest sequence, in tokens, that the model accepts; null where nobody knows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The context has no token.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void SaveConfiguration(Stream stream, int? contextLength = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength ?? 1, 1, nameof(contextLength));
        using var writer = new Utf8JsonWriter(stream, TokenizerJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        if (contextLength is { } length)
            writer.WriteNumber("model_max_length", length);

        // Otherwise some versions "tidy" the spaces before punctuation, and text no longer survives a round trip.
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        writer.WriteEndObject();
    }

    /// <summary>Adds the tokens of a text to a session.</summary>
    private protected abstract void Encode(ReadOnlySpan<byte> utf8, SpecialTokenUse special, EncodingSession session);

    /// <summary>Whether the space that a token begins with is its own, and never one that encoding put before the text.</summary>
    private protected virtual bool OwnsSpace(int id) => false;

    /// <summary>Makes the working memory of a session.</summary>
    private protected virtual object? CreateWorkspace() => null;

    /// <summary>The first place from <paramref name="from"/> on where the text can be cut without changing its tokens; its length where there is none.</summary>
    private protected virtual int FindCut(ReadOnlySpan<byte> utf8, int from) => utf8.Length;

    /// <summary>Encodes a text in a session of its own, and takes from that what is wanted.</summary>
    private T Run<T>(
        ReadOnlySpan<byte> utf8, SpecialTokenUse special, EncodingSession.Detail detail, Action<ReadOnlySpan<int>>? append, Func<EncodingSession, T> result)
    {
        EncodingSession session = _sessions.Rent();
        session.Begin(detail, append);
        try
        {
            Encode(utf8, special, session);
            return result(session);
        }
        finally
        {
            session.End();
            if (utf8.Length <= LargestKeptTextBytes)
                _sessions.Return(session);
        }
    }

    private static byte[] Utf8Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Utf8.FromUtf16(text, utf8, out int read, out int written, replaceInvalidSequences: false);
        return read == text.Length ? utf8[..written] : throw InvalidTextException.Surrogate(text[read], read);
    }
}
