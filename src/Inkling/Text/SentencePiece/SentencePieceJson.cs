using System.Text;
using System.Text.Json;
using Inkling.Text.HuggingFace;
using Inkling.Text.Normalization;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text.SentencePiece;

/// <summary>
/// Puts a SentencePiece pipeline as the components that <c>tokenizer.json</c> has for it, so that other tools do nearly the same, and finds it again in such
/// a file, so that Inkling does exactly the same.
/// </summary>
internal static class SentencePieceJson
{
    private const string Space = "\u2581";

    /// <summary>The components by which a file says what a pipeline does.</summary>
    /// <exception cref="NotSupportedException">There are none for it.</exception>
    public static TokenizerPipeline ToComponents(TokenizerPipeline pipeline, SentencePieceRules rules)
    {
        if (!rules.EscapesSpaces)
            throw new NotSupportedException("tokenizer.json cannot say that SentencePiece leaves spaces as they are.");

        if (rules.TreatsSpaceAsSuffix)
            throw new NotSupportedException("tokenizer.json cannot say that words carry their space at the end.");

        PieceVocabulary vocabulary = VocabularyOf(pipeline.Model)!;
        if (!CanShowUnknown(vocabulary, pipeline.Tokens[vocabulary.UnknownId]!))
            throw new NotSupportedException($"tokenizer.json cannot show an unknown token of more than {ReplaceNormalizer.MaxByteCount} bytes.");

        List<TextStage> normalizers = [];
        if (rules.Map is { } map)
            normalizers.Add(new PrecompiledNormalizer(map));

        if (rules.RemovesExtraSpaces)
        {
            normalizers.Add(new PatternReplaceNormalizer(new RegexPattern(@"\A +| +\z"), ""));
            normalizers.Add(new PatternReplaceNormalizer(new RegexPattern(" {2,}"), " "));
        }

        return pipeline with
        {
            Added = [.. FindAdded(vocabulary)],
            Stages = [.. normalizers, MetaspaceStage.Create(rules.AddsDummyPrefix)],
            NormalizerCount = normalizers.Count,
            Decoder = WriteDecoder(vocabulary, pipeline),
        };
    }

    /// <summary>The pipeline whose components these are; null where they are no SentencePiece pipeline's.</summary>
    public static TokenizerPipeline? TryFind(TokenizerPipeline components)
    {
        if (VocabularyOf(components.Model) is not { UnknownId: >= 0 } || components.Stages is not [.., MetaspaceStage metaspace])
            return null;

        if (FindReplacement(components.Decoder) is not { } unknownSurface)
            return null;

        PieceVocabulary vocabulary = WithKinds(components);
        byte[] unknown = Encoding.UTF8.GetBytes(unknownSurface);
        if (!CanShowUnknown(vocabulary, unknown))
            return null;

        var rules = new SentencePieceRules
        {
            Map = components.Stages.OfType<PrecompiledNormalizer>().FirstOrDefault()?.Map,
            RemovesExtraSpaces = components.Stages.Any(stage => stage is PatternReplaceNormalizer),
            AddsDummyPrefix = metaspace.Prepends != MetaspaceStage.Prepending.Never,
            UserDefined = [.. vocabulary.Pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text)],
        };
        SubwordModel model = components.Model is CharacterPairModel pairs
            ? new CharacterPairModel(vocabulary, [.. pairs.Merges], pairs.Options)
            : new UnigramModel(vocabulary);
        TokenizerPipeline found = SentencePieceTokenizer.CreatePipeline(vocabulary, model, rules, unknown) with
        {
            Prefix = components.Prefix,
            Suffix = components.Suffix,
            PostProcessor = components.PostProcessor,
        };

        // Written, each must be the other, or something else is meant.
        return TokenizerJson.WriteComponents(ToComponents(found, rules)).AsSpan().SequenceEqual(TokenizerJson.WriteComponents(components)) ? found : null;
    }

    // The decoder replaces the name of the unknown token by what it stands for.
    private static bool CanShowUnknown(PieceVocabulary vocabulary, byte[] surface) =>
        Math.Max(Encoding.UTF8.GetByteCount(vocabulary.Pieces[vocabulary.UnknownId].Text), surface.Length) <= ReplaceNormalizer.MaxByteCount;

    private static PieceVocabulary? VocabularyOf(SubwordModel model) => model switch
    {
        UnigramModel unigram => unigram.Vocabulary,
        CharacterPairModel pairs => pairs.Vocabulary,
        _ => null,
    };

    private static IEnumerable<AddedToken> FindAdded(PieceVocabulary vocabulary)
    {
        for (int id = 0; id < vocabulary.Pieces.Length; id++)
        {
            VocabularyPiece piece = vocabulary.Pieces[id];
            if (piece.Kind is PieceKind.Control or PieceKind.Unknown or PieceKind.UserDefined)
                yield return new AddedToken(piece.Text, id) { IsSpecial = piece.Kind != PieceKind.UserDefined };
        }
    }

    // What the added tokens of the file say about pieces.
    private static PieceVocabulary WithKinds(TokenizerPipeline components)
    {
        PieceVocabulary vocabulary = VocabularyOf(components.Model)!;
        VocabularyPiece[] pieces = [.. vocabulary.Pieces];
        foreach (AddedToken token in components.Added.Where(token => token.Id < pieces.Length && token.Id != vocabulary.UnknownId))
            pieces[token.Id] = pieces[token.Id] with { Kind = token.IsSpecial ? PieceKind.Control : PieceKind.UserDefined };

        return new PieceVocabulary(pieces, vocabulary.FallsBackToBytes);
    }

    private static JsonElement WriteDecoder(PieceVocabulary vocabulary, TokenizerPipeline pipeline) => JsonPart.Make(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("decoders");
        int unknown = vocabulary.UnknownId;
        new ReplaceNormalizer(vocabulary.Pieces[unknown].Text, Encoding.UTF8.GetString(pipeline.Tokens[unknown]!)).Write(writer);
        new ReplaceNormalizer(Space, " ").Write(writer);
        TextStage.WriteType(writer, "ByteFallback");
        TextStage.WriteType(writer, "Fuse");
        if (pipeline.LeadingSpace != LeadingSpace.Stays)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "Strip");
            writer.WriteString("content", " ");
            writer.WriteNumber("start", 1);
            writer.WriteNumber("stop", 0);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    // What the decoder makes of the unknown token, which it does first.
    private static string? FindReplacement(JsonElement? decoder) =>
        decoder is { } found && found.TryGetProperty("decoders", out JsonElement steps) && steps.GetArrayLength() > 0
            && steps[0].TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.String
                ? content.GetString()
                : null;
}
