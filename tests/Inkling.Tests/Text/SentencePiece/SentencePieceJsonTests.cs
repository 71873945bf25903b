using System.Text;
using System.Text.Json.Nodes;
using Inkling.Tests.Text.HuggingFace;
using Inkling.Text;
using Inkling.Text.SentencePiece;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.SentencePiece;

/// <summary>Models of <c>spm_train</c> as <c>tokenizer.json</c> and back.</summary>
public sealed class SentencePieceJsonTests(SentencePiecePrograms programs) : IClassFixture<SentencePiecePrograms>
{
    private const string Symbols = "--user_defined_symbols=<sep>,[MASK],xyzzy,zyx,x,▁the --control_symbols=<ctl>,$";

    [TheoryWithSentencePiece]
    [InlineData("--model_type=unigram --vocab_size=3000")]
    [InlineData("--model_type=unigram --vocab_size=2500 --byte_fallback")]
    [InlineData("--model_type=bpe --vocab_size=2500 --byte_fallback --split_digits")]
    [InlineData($"--model_type=unigram --vocab_size=2000 {Symbols}")]
    [InlineData($"--model_type=bpe --vocab_size=2000 --byte_fallback {Symbols}")]
    [InlineData("--model_type=bpe --vocab_size=2000 --normalization_rule_name=identity --remove_extra_whitespaces=false --add_dummy_prefix=false --byte_fallback")]
    [InlineData("--model_type=unigram --vocab_size=2000 --normalization_rule_name=identity --remove_extra_whitespaces=false")]
    [InlineData("--model_type=unigram --vocab_size=2000 --split_by_whitespace=false --max_sentencepiece_length=24")]
    [InlineData("--model_type=unigram --vocab_size=2000 --bos_id=-1 --eos_id=1 --pad_id=0 --unk_id=2 --unk_surface=?? --character_coverage=0.98")]
    [InlineData("--model_type=char --vocab_size=70 --character_coverage=0.99")]
    public void A_model_survives_as_a_file_of_other_tools(string options)
    {
        PipelineTokenizer tokenizer = SentencePieceTokenizer.Load(new MemoryStream(programs.Train(options)));
        byte[] saved = TokenizerFile.Save(tokenizer);
        var loaded = (PipelineTokenizer)TokenizerFile.Load(saved);

        Assert.IsType<SentencePieceNormalizer>(Assert.Single(loaded.Pipeline.Stages));
        Assert.Equal(Encoding.UTF8.GetString(saved), Encoding.UTF8.GetString(TokenizerFile.Save(loaded)));
        Assert.Equal(tokenizer.AddedTokens, loaded.AddedTokens);
        Assert.Equal(
            Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.BytesOf(id).ToArray()),
            Enumerable.Range(0, loaded.VocabularySize).Select(id => loaded.BytesOf(id).ToArray()));
        foreach (byte[] line in (byte[][])[.. programs.OtherLines.Take(1_000), .. TroublesomeLines.Make(2_000)])
        {
            int[] ids = tokenizer.Encode(line, SpecialTokenUse.Add | SpecialTokenUse.Recognize);
            Assert.Equal(ids, loaded.Encode(line, SpecialTokenUse.Add | SpecialTokenUse.Recognize));
            Assert.Equal(tokenizer.Encode(line), loaded.Encode(line));
            Assert.Equal(tokenizer.DecodeBytes(ids), loaded.DecodeBytes(ids));
        }
    }

    [TheoryWithSentencePiece]
    [InlineData("--model_type=unigram --vocab_size=2000")]
    [InlineData("--model_type=bpe --vocab_size=2500 --byte_fallback --split_digits")]
    public void Its_components_do_nearly_the_same(string options)
    {
        PipelineTokenizer tokenizer = SentencePieceTokenizer.Load(new MemoryStream(programs.Train(options)));
        JsonNode file = JsonNode.Parse(TokenizerFile.Save(tokenizer))!;

        // Another name for nothing: the file is no longer ours, so each component does its part.
        file["decoder"]!["decoders"]!.AsArray().Add(JsonNode.Parse("""{"type": "Fuse"}"""));
        var loaded = (PipelineTokenizer)TokenizerFile.Load(Encoding.UTF8.GetBytes(file.ToJsonString()));

        Assert.IsNotType<SentencePieceNormalizer>(loaded.Pipeline.Stages[0]);
        foreach (byte[] line in programs.OtherLines.Take(2_000))
            Assert.Equal(tokenizer.Encode(line), loaded.Encode(line));
    }

    [Fact]
    public void What_the_file_cannot_say_is_refused()
    {
        var vocabulary = new PieceVocabulary([new("<unk>", 0, PieceKind.Unknown), new("a", 0, PieceKind.Normal)], fallsBackToBytes: false);

        Refuses(new SentencePieceRules { TreatsSpaceAsSuffix = true }, " ", "tokenizer.json cannot say that words carry their space at the end.");
        Refuses(new SentencePieceRules { EscapesSpaces = false }, " ", "tokenizer.json cannot say that SentencePiece leaves spaces as they are.");
        Refuses(new SentencePieceRules(), new string('?', 257), "tokenizer.json cannot show an unknown token of more than 256 bytes.");

        void Refuses(SentencePieceRules rules, string unknown, string message)
        {
            TokenizerPipeline pipeline = SentencePieceTokenizer.CreatePipeline(vocabulary, new UnigramModel(vocabulary), rules, Encoding.UTF8.GetBytes(unknown));
            Assert.Equal(message, Assert.Throws<NotSupportedException>(() => TokenizerFile.Save(new PipelineTokenizer(pipeline))).Message);
        }
    }
}
