using System.Text;
using Inkling.Text;
using Inkling.Text.Normalization;
using Inkling.Text.SentencePiece;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.SentencePiece;

/// <summary>Trains models with <c>spm_train</c> and compares with what <c>spm_encode</c>, <c>spm_decode</c> and <c>spm_normalize</c> make of the same lines.</summary>
public sealed class SentencePieceComparisonTests(SentencePiecePrograms programs) : IClassFixture<SentencePiecePrograms>
{
    private const string Symbols = "--user_defined_symbols=<sep>,[MASK],xyzzy,zyx,x,▁the --control_symbols=<ctl>";

    public static TheoryData<string> Options { get; } =
    [
        "--model_type=unigram --vocab_size=3000",
        "--model_type=unigram --vocab_size=2500 --byte_fallback",
        "--model_type=bpe --vocab_size=3000",
        "--model_type=bpe --vocab_size=2500 --byte_fallback --split_digits",
        $"--model_type=unigram --vocab_size=2000 {Symbols}",
        $"--model_type=bpe --vocab_size=2000 --byte_fallback {Symbols}",
        "--model_type=unigram --vocab_size=2000 --normalization_rule_name=identity --remove_extra_whitespaces=false",
        "--model_type=bpe --vocab_size=2000 --normalization_rule_name=identity --remove_extra_whitespaces=false --add_dummy_prefix=false --byte_fallback",
        "--model_type=bpe --vocab_size=2000 --normalization_rule_name=nfkc_cf",
        "--model_type=unigram --vocab_size=2000 --normalization_rule_name=nfkc --add_dummy_prefix=false",
        "--model_type=unigram --vocab_size=2000 --treat_whitespace_as_suffix",
        "--model_type=bpe --vocab_size=2000 --treat_whitespace_as_suffix --normalization_rule_name=nmt_nfkc_cf",
        "--model_type=unigram --vocab_size=2000 --split_by_whitespace=false --max_sentencepiece_length=24 --input_sentence_size=1000 --shuffle_input_sentence=false",
        "--model_type=bpe --vocab_size=2000 --split_by_whitespace=false --split_by_unicode_script=false --allow_whitespace_only_pieces",
        "--model_type=unigram --vocab_size=2000 --bos_id=-1 --eos_id=1 --pad_id=0 --unk_id=2 --unk_surface=?? --character_coverage=0.98",
        "--model_type=char --vocab_size=70 --character_coverage=0.99",
    ];

    [TheoryWithSentencePiece]
    [MemberData(nameof(Options))]
    public void Ids_and_texts_are_those_of_SentencePiece(string options)
    {
        byte[] model = programs.Train(options);
        byte[][] lines = [.. programs.OtherLines, .. TroublesomeLines.Make(4_000)];
        PipelineTokenizer tokenizer = SentencePieceTokenizer.Load(new MemoryStream(model));

        int[][] ids = [.. lines.Select(line => tokenizer.Encode(line))];
        AssertEqual(programs.Encode(model, lines), ids, i => Encoding.UTF8.GetString(lines[i]));

        int[][] notEmpty = [.. ids.Where(line => line.Length > 0)];
        AssertEqual(programs.Decode(model, notEmpty), [.. notEmpty.Select(line => tokenizer.DecodeBytes(line))], i => string.Join(' ', notEmpty[i]));
        for (int i = 0; i < notEmpty.Length; i += 7)
            Assert.Equal(tokenizer.Decode(notEmpty[i]), DecodeOneByOne(tokenizer, notEmpty[i]));

        for (int i = 0; i < lines.Length; i += 7)
            Assert.Equal(ids[i], tokenizer.EncodeWithOffsets(lines[i]).Select(span => span.Id));
    }

    [TheoryWithSentencePiece]
    [MemberData(nameof(Options))]
    public void Texts_are_normalised_as_SentencePiece_does_it(string options)
    {
        byte[] model = programs.Train(options);
        byte[][] lines = [.. programs.OtherLines.Take(1_000), .. TroublesomeLines.Make(8_000)];

        // The program forgets the user-defined pieces and that white space is a suffix.
        SentencePieceRules rules = SentencePieceFile.Read(new MemoryStream(model)).Rules with { UserDefined = [], TreatsSpaceAsSuffix = false };
        var normalizer = new SentencePieceNormalizer(rules);
        var text = new NormalizedText();
        byte[][] normalized = [.. lines.Select(line =>
        {
            text.Begin(default, tracks: false);
            normalizer.Normalize(line, text, atStart: true);
            return text.Bytes.ToArray();
        })];

        AssertEqual(programs.Normalize(model, lines), normalized, i => Encoding.UTF8.GetString(lines[i]));
    }

    [TheoryWithSentencePiece]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Models_that_no_trainer_would_make_give_the_ids_of_SentencePiece(int type)
    {
        // Scores that are equal, positive or the wrong way round; unused and user-defined pieces; characters that are in pieces but are none.
        string[] letters = ["a", "b", "c", "é", "▁", " ", "😀", "x", "A"];
        var random = new Random(type);
        for (int round = 0; round < 25; round++)
        {
            VocabularyPiece[] pieces = [.. Enumerable.Range(0, random.Next(5, 80)).Select(_ => RandomString(random, letters, random.Next(1, 6))).Distinct()
                .Select(text => new VocabularyPiece(text, MathF.Round((random.NextSingle() * 12) - 10, random.Next(4)), random.Next(10) switch
                {
                    0 => PieceKind.UserDefined,
                    1 => PieceKind.Unused,
                    _ => PieceKind.Normal,
                }))];
            byte[] normalizer = new ModelWriter().Flag(3, random.Next(2) == 0).Flag(4, random.Next(2) == 0).Flag(5, random.Next(4) != 0)
                .Bytes(2, Normalization.CharsMapWriter.Write(("A", "a"), ("c", "ab"), ("bb", ""), ("é", " é"))).ToArray();
            byte[] trainer = new ModelWriter().Flag(24, random.Next(2) == 0).Flag(35, round % 2 == 0).ToArray();
            byte[] model = ModelWriter.Model(type, round % 2 == 0 ? [.. pieces, .. Subwords.Pieces.Bytes] : pieces, trainer, normalizer);
            byte[][] lines = [.. Enumerable.Range(0, 400).Select(i => Encoding.UTF8.GetBytes(RandomString(random, letters, random.Next(1, i < 390 ? 40 : 2_000))))];
            PipelineTokenizer tokenizer = SentencePieceTokenizer.Load(new MemoryStream(model));

            int[][] ids = [.. lines.Select(line => tokenizer.Encode(line))];
            AssertEqual(programs.Encode(model, lines), ids, i => $"{Encoding.UTF8.GetString(lines[i])} of {string.Join(", ", pieces)}");
            int[][] notEmpty = [.. ids.Where(line => line.Length > 0)];
            AssertEqual(programs.Decode(model, notEmpty), [.. notEmpty.Select(line => tokenizer.DecodeBytes(line))], i => string.Join(' ', notEmpty[i]));
        }
    }

    private static string RandomString(Random random, string[] letters, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => letters[random.Next(letters.Length)]));

    private static string DecodeOneByOne(Tokenizer tokenizer, int[] ids)
    {
        TokenDecoder decoder = tokenizer.CreateDecoder();
        return string.Concat(ids.Select(id => decoder.Append(id))) + decoder.Flush();
    }

    private static void AssertEqual<T>(T[][] expected, T[][] actual, Func<int, string> describe)
    {
        Assert.Equal(expected.Length, actual.Length);
        int[] different = [.. Enumerable.Range(0, expected.Length).Where(i => !expected[i].SequenceEqual(actual[i]))];
        if (different.Length == 0)
            return;

        int first = different[0];
        Assert.Fail($"{different.Length} of {expected.Length} lines differ, first line {first}: {describe(first)}\n"
            + $"expected {string.Join(' ', expected[first].Take(200))}\nactual   {string.Join(' ', actual[first].Take(200))}");
    }
}
