using System.Text;
using Inkling.Text.HuggingFace;
using Inkling.Text.Normalization;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>
/// A tokenizer made of parts: tokens that are found as a whole, normalisers, splitters, and a model that encodes the pieces. Every kind but
/// <see cref="CharacterTokenizer"/> is such a pipeline.
/// </summary>
public sealed class PipelineTokenizer : Tokenizer
{
    private readonly TokenizerPipeline _pipeline;
    private readonly TextStage[] _stages;
    private readonly SubwordModel _model;
    private readonly AddedTokenFinder _always;
    private readonly AddedTokenFinder _all;

    internal PipelineTokenizer(TokenizerPipeline pipeline)
        : base(pipeline.Tokens, pipeline.Added)
    {
        _pipeline = pipeline;
        _stages = [.. pipeline.Stages.SelectMany(stage => stage.Steps)];
        _model = pipeline.Model;
        _always = new AddedTokenFinder(pipeline.Added.Where(token => !token.IsSpecial));
        _all = new AddedTokenFinder(pipeline.Added);
    }

    /// <inheritdoc/>
    public override string Kind => _model.Kind;

    /// <summary>The parts.</summary>
    internal TokenizerPipeline Pipeline => _pipeline;

    private protected override LeadingSpace LeadingSpace => _pipeline.LeadingSpace;

    /// <inheritdoc/>
    public override void Save(Stream stream) => TokenizerJson.Write(stream, _pipeline);

    private protected override object? CreateWorkspace() => _model.CreateWorkspace();

    private protected override bool OwnsSpace(int id) => _pipeline.SpaceOwners.Contains(id);

    private protected override void Encode(ReadOnlySpan<byte> utf8, SpecialTokenUse special, EncodingSession session)
    {
        try
        {
            EncodeAll(utf8, special, session);
        }
        catch (UnspellableException e)
        {
            // Where a piece lies is noted only where offsets are wanted, so the text is encoded once more, to say where.
            if (!session.TracksOffsets)
                EncodeWithOffsets(utf8, special);

            int start = session.OriginalOffset(e.Offset);
            Rune.DecodeFromUtf8(utf8[start..], out Rune character, out _);
            throw new UnknownCharacterException(character, start, Utf8Text.CountCharacters(utf8[..start]), VocabularySize);
        }
    }

    // A normaliser may look at what its text begins with, and whether that is the beginning of the whole.
    private protected override int FindCut(ReadOnlySpan<byte> utf8, int from) =>
        _always.IsEmpty && _stages is [Splitter splitter, ..] && !_stages.Any(stage => stage is Normalizer) ? splitter.FindCut(utf8, from) : utf8.Length;

    private void EncodeAll(ReadOnlySpan<byte> utf8, SpecialTokenUse special, EncodingSession session)
    {
        bool adds = (special & SpecialTokenUse.Add) != 0;
        if (adds)
            AddAround(_pipeline.Prefix, 0, session);

        AddedTokenFinder finder = (special & SpecialTokenUse.Recognize) != 0 ? _all : _always;
        int from = 0;
        while (!finder.IsEmpty && finder.Find(utf8, from, out int start, out int end) is { } token)
        {
            EncodeText(utf8, from, start, session);
            session.BeginPiece(utf8[start..end], new TextOrigin(null, start));
            session.Add(token.Id, end - start);
            from = end;
        }

        EncodeText(utf8, from, utf8.Length, session);
        if (adds)
            AddAround(_pipeline.Suffix, utf8.Length, session);
    }

    private static void AddAround(IReadOnlyList<int> ids, int offset, EncodingSession session)
    {
        session.BeginPiece([], new TextOrigin(null, offset));
        foreach (int id in ids)
            session.Add(id, 0);
    }

    private void EncodeText(ReadOnlySpan<byte> utf8, int start, int end, EncodingSession session)
    {
        if (start < end)
            Run(utf8[start..end], new TextOrigin(null, start), stage: 0, atStart: start == 0, session);
    }

    // As deep as there are stages, of which a file may have few.
    private void Run(ReadOnlySpan<byte> text, TextOrigin origin, int stage, bool atStart, EncodingSession session)
    {
        if (text.IsEmpty)
            return;

        if (stage == _stages.Length)
        {
            session.BeginPiece(text, origin);
            _model.Encode(text, session);
        }
        else if (_stages[stage] is Splitter splitter)
        {
            bool isLast = stage + 1 == _stages.Length;
            for (int start = 0, end; start < text.Length; start = end)
            {
                int begin = start;
                end = splitter.Next(text, ref begin);
                if (begin == text.Length)
                    return;

                ReadOnlySpan<byte> piece = text[begin..end];
                if (isLast)
                {
                    session.BeginPiece(piece, origin.Skip(begin));
                    _model.Encode(piece, session);
                }
                else
                {
                    Run(piece, origin.Skip(begin), stage + 1, atStart && begin == 0, session);
                }
            }
        }
        else if (_stages[stage] is BatchSplitter batch)
        {
            List<ByteRange> pieces = session.Pieces(stage);
            batch.Split(text, pieces);
            foreach (ByteRange piece in pieces)
                Run(text[piece.Start..piece.End], origin.Skip(piece.Start), stage + 1, atStart && piece.Start == 0, session);
        }
        else
        {
            NormalizedText buffer = session.Buffer(stage);
            buffer.Begin(origin, session.TracksOffsets);
            ((Normalizer)_stages[stage]).Normalize(text, buffer, atStart);
            Run(buffer.Bytes, new TextOrigin(buffer, 0), stage + 1, atStart, session);
        }
    }
}
