using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels.Reference;
using Inkling.Models;
using Inkling.Text;

namespace Inkling.Tests.Formats;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReferenceKernels<float> _kernels = new();

    private static GptConfig Llama { get; } = TinyGpt.Config with
    {
        Norm = NormKind.RmsNorm,
        Positions = PositionKind.Rotary,
        Activation = FeedForwardKind.Swiglu,
        Biases = BiasPlacement.None,
        KeyValueHeadCount = 1,
        HeadSize = 2,
        FeedForwardWidth = 5,
    };

    public static TheoryData<string, GptConfig> Shapes => new()
    {
        { "GPT-2", TinyGpt.Config },
        { "no biases", TinyGpt.Config with { Biases = BiasPlacement.None, Activation = FeedForwardKind.Gelu } },
        { "some biases, head of its own", TinyGpt.Config with { Biases = BiasPlacement.ExceptQueryKeyValue, Head = HeadKind.Untied, Activation = FeedForwardKind.Relu } },
        { "head with a bias", TinyGpt.Config with { Biases = BiasPlacement.None, Head = HeadKind.UntiedWithBias } },
        { "Llama", Llama },
        { "Llama with biases", Llama with { Biases = BiasPlacement.Everywhere, KeyValueHeadCount = 1 } },
        { "Mistral", Llama with { AttentionWindow = 2, Head = HeadKind.Untied } },
        { "Qwen 3", Llama with { QueryKeyNorm = true, HeadSize = 6, AttentionWindow = 2 } },
        { "post-norm without positions", TinyGpt.Config with { NormPlacement = NormPlacement.After, Positions = PositionKind.None, Biases = BiasPlacement.None } },
        { "odd heads", TinyGpt.Config with { Biases = BiasPlacement.None, HeadCount = 3, HeadSize = 5, FeedForwardWidth = 7 } },
    };

    public void Dispose()
    {
        _kernels.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_model_comes_back_to_the_bit(string shape, GptConfig config)
    {
        using var model = TinyGpt.Create(_kernels, config);
        var about = new JsonObject { ["recipe"] = shape, ["loss"] = 1.25 };

        ModelFolder.Save(_folder.Path, model, TinyGpt.Tokenizer, about);
        using var loaded = ModelFolder.Load(_folder.Path, _kernels);

        Assert.Equal(config, loaded.Model.Config);
        Assert.Equal(TinyGpt.Read(model.Parameters, model.Parameters.Values), TinyGpt.Read(loaded.Model.Parameters, loaded.Model.Parameters.Values));
        Assert.Equal([0, 1, 2, 2, 3], loaded.Tokenizer.Encode("Hello"));
        Assert.True(JsonNode.DeepEquals(about, loaded.About));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("double")]
    public void Any_kernels_save_and_load(string kernelName)
    {
        using var kernels = TinyGpt.Kernels(kernelName);
        using var model = TinyGpt.Create(kernels);

        ModelFolder.Save(_folder["new/model"], model, TinyGpt.Tokenizer);
        using var loaded = ModelFolder.Load(_folder["new/model"], kernels);

        Assert.Equal(TinyGpt.Read(model.Parameters, model.Parameters.Values), TinyGpt.Read(loaded.Model.Parameters, loaded.Model.Parameters.Values));
        Assert.Empty(loaded.About);
    }

    [Fact]
    public void The_folder_has_the_files_that_other_tools_look_for()
    {
        SaveTiny();

        Assert.Equal(
            ["config.json", "generation_config.json", "inkling.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
            _folder.Entries());
        Assert.Equal("""
            {
              "model_type": "gpt2",
              "architectures": [
                "GPT2LMHeadModel"
              ],
              "vocab_size": 4,
              "n_positions": 3,
              "n_ctx": 3,
              "n_embd": 4,
              "n_layer": 2,
              "n_head": 2,
              "n_inner": 16,
              "activation_function": "gelu_new",
              "layer_norm_epsilon": 1E-06,
              "tie_word_embeddings": true,
              "scale_attn_weights": true,
              "embd_pdrop": 0.1,
              "attn_pdrop": 0,
              "resid_pdrop": 0,
              "initializer_range": 0.02,
              "bos_token_id": null,
              "eos_token_id": null,
              "torch_dtype": "float32"
            }
            """, File.ReadAllText(_folder["config.json"]));
        Assert.Equal("""
            {
              "formatVersion": 1,
              "model": {
                "vocabularySize": 4,
                "contextLength": 3,
                "layerCount": 2,
                "headCount": 2,
                "width": 4,
                "headSize": 0,
                "keyValueHeadCount": 0,
                "attentionWindow": 0,
                "queryKeyNorm": false,
                "positions": "learned",
                "rotaryBase": 10000,
                "feedForwardWidth": 0,
                "activation": "geluTanh",
                "norm": "layerNorm",
                "normPlacement": "before",
                "biases": "everywhere",
                "head": "tied",
                "normEpsilon": 1E-06,
                "embeddingDropout": 0.1,
                "attentionDropout": 0,
                "residualDropout": 0,
                "initialDeviation": 0.02,
                "scalesResidualInitialization": true
              },
              "about": {}
            }
            """, File.ReadAllText(_folder["inkling.json"]));
    }

    [Theory]
    [InlineData(FeedForwardKind.None, "linear")]
    [InlineData(FeedForwardKind.Relu, "relu")]
    [InlineData(FeedForwardKind.Gelu, "gelu")]
    [InlineData(FeedForwardKind.GeluTanh, "gelu_new")]
    public void The_activation_has_the_name_that_transformers_gives_it(FeedForwardKind activation, string name)
    {
        SaveTiny(TinyGpt.Config with { Activation = activation });

        Assert.Equal(name, (string?)JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!["activation_function"]);
    }

    [Fact]
    public void The_tensors_of_a_GPT_2_have_its_names_and_shapes()
    {
        SaveTiny(TinyGpt.Config with { LayerCount = 1 });
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);

        Assert.Equal(
            [
                "wte.weight 4 4", "wpe.weight 3 4",
                "h.0.ln_1.weight 4", "h.0.ln_1.bias 4", "h.0.attn.c_attn.weight 4 12", "h.0.attn.c_attn.bias 12",
                "h.0.attn.c_proj.weight 4 4", "h.0.attn.c_proj.bias 4",
                "h.0.ln_2.weight 4", "h.0.ln_2.bias 4", "h.0.mlp.c_fc.weight 4 16", "h.0.mlp.c_fc.bias 16",
                "h.0.mlp.c_proj.weight 16 4", "h.0.mlp.c_proj.bias 4",
                "ln_f.weight 4", "ln_f.bias 4",
            ],
            file.Tensors.Values.Select(tensor => $"{tensor.Name} {string.Join(' ', tensor.Shape)}"));
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Fact]
    public void A_model_without_biases_has_the_tensors_of_one_with_biases_and_they_are_zero()
    {
        SaveTiny();
        string[] expected = [.. Names()];

        SaveTiny(TinyGpt.Config with { Biases = BiasPlacement.None });

        Assert.Equal(expected.Order(), Names().Order());
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);
        var bias = new float[12];
        file.Read(file.Tensors["h.1.attn.c_attn.bias"], 0, bias.AsSpan());
        Assert.Equal(new float[12], bias);
    }

    [Fact]
    public void A_head_of_its_own_puts_the_prefix_of_transformers_on_all_other_names()
    {
        SaveTiny(TinyGpt.Config with { Head = HeadKind.Untied });

        Assert.Equal(["lm_head.weight"], Names().Where(name => !name.StartsWith("transformer.", StringComparison.Ordinal)));
        Assert.Contains("transformer.wte.weight", Names());
    }

    [Theory]
    [InlineData("Llama", "llama", "LlamaForCausalLM")]
    [InlineData("Llama with biases", "llama", "LlamaForCausalLM")]
    [InlineData("Mistral", "mistral", "MistralForCausalLM")]
    [InlineData("Qwen 3", "qwen3", "Qwen3ForCausalLM")]
    public void A_model_of_Llamas_family_has_the_family_name(string shape, string type, string architecture)
    {
        SaveTiny((GptConfig)Shapes.Single(row => (string)row[0] == shape)[1]);
        var config = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!;

        Assert.Equal(type, (string?)config["model_type"]);
        Assert.Equal(architecture, (string?)config["architectures"]![0]);
    }

    [Fact]
    public void The_tensors_of_a_Llama_have_its_names_and_shapes()
    {
        SaveTiny(Llama with { LayerCount = 1, Head = HeadKind.Untied, QueryKeyNorm = true });
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);

        const string Layer = "model.layers.0";
        Assert.Equal(
            [
                "model.embed_tokens.weight 4 4", "model.norm.weight 4", "lm_head.weight 4 4",
                $"{Layer}.input_layernorm.weight 4", $"{Layer}.post_attention_layernorm.weight 4",
                $"{Layer}.self_attn.q_norm.weight 2", $"{Layer}.self_attn.k_norm.weight 2",
                $"{Layer}.self_attn.q_proj.weight 4 4", $"{Layer}.self_attn.k_proj.weight 2 4", $"{Layer}.self_attn.v_proj.weight 2 4",
                $"{Layer}.self_attn.o_proj.weight 4 4",
                $"{Layer}.mlp.gate_proj.weight 5 4", $"{Layer}.mlp.up_proj.weight 5 4", $"{Layer}.mlp.down_proj.weight 4 5",
            ],
            file.Tensors.Values.Select(tensor => $"{tensor.Name} {string.Join(' ', tensor.Shape)}"));
    }

    [Fact]
    public void A_matrix_of_a_Llama_has_our_columns_as_rows()
    {
        using var model = TinyGpt.Create(_kernels, Llama);
        ModelFolder.Save(_folder.Path, model, TinyGpt.Tokenizer);
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);
        var stored = new float[2 * 4];
        file.Read(file.Tensors["model.layers.1.self_attn.k_proj.weight"], 0, stored.AsSpan());

        var packed = model.Parameters.Parameters.Single(parameter => parameter.Name == "h.1.attn.c_attn.weight");
        var ours = new float[4 * 2];
        _kernels.Read(packed.Value.SliceColumns(4, 2), ours.AsSpan()); // two query heads of 2 lie before the keys

        Assert.Equal([ours[0], ours[2], ours[4], ours[6], ours[1], ours[3], ours[5], ours[7]], stored);
    }

    [Fact]
    public void A_folder_from_before_the_variants_means_what_it_meant()
    {
        SaveTiny();
        var inkling = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder["inkling.json"]))!;
        foreach (var name in new[] { "keyValueHeadCount", "attentionWindow", "queryKeyNorm", "positions", "rotaryBase", "norm", "normPlacement" })
            ((JsonObject)inkling["model"]!).Remove(name);
        File.WriteAllText(_folder["inkling.json"], inkling.ToJsonString());

        using var loaded = ModelFolder.Load(_folder.Path, _kernels);

        Assert.Equal(TinyGpt.Config, loaded.Model.Config);
    }

    [Theory]
    [InlineData("head with a bias")]
    [InlineData("post-norm without positions")]
    [InlineData("odd heads")]
    public void A_model_that_is_not_GPT_2_does_not_say_that_it_is(string shape)
    {
        SaveTiny((GptConfig)Shapes.Single(row => (string)row[0] == shape)[1]);

        Assert.Equal("inkling", (string?)JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!["model_type"]);
        Assert.DoesNotContain(Names(), name => name.EndsWith("c_attn.bias", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bias_that_the_model_does_not_have_must_be_zero_and_may_be_absent()
    {
        var config = TinyGpt.Config with { Biases = BiasPlacement.None };
        SaveTiny(config);
        using var model = TinyGpt.Create(_kernels, config);
        AtomicFile.Write(_folder["model.safetensors"], stream => ParameterFile.Save(stream, model.Parameters, model.Parameters.Values));
        ModelFolder.Load(_folder.Path, _kernels).Dispose();

        SaveTiny(config);
        var bytes = File.ReadAllBytes(_folder["model.safetensors"]);
        bytes[^1] = 1; // the last tensor of the file is ln_f.bias
        File.WriteAllBytes(_folder["model.safetensors"], bytes);

        Refused($"{_folder["model.safetensors"]}, tensor \"ln_f.bias\": is not zero, but the model has no such bias");
    }

    [Fact]
    public void What_is_not_a_model_folder_is_named()
    {
        Assert.Equal(
            $"{_folder["none"]}: there is no such folder",
            Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder["none"], _kernels)).Message);
        Refused($"{_folder.Path}: is not a complete model folder; missing: config.json, model.safetensors, tokenizer.json, inkling.json");
        File.WriteAllText(_folder["file"], "");
        Assert.Equal(
            $"{_folder["file"]}: is a file, not a model folder",
            Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder["file"], _kernels)).Message);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("inkling.json")]
    public void A_missing_file_is_named(string name)
    {
        SaveTiny();
        File.Delete(_folder[name]);

        Refused($"{_folder.Path}: is not a complete model folder; missing: {name}");
    }

    [Theory]
    [InlineData("tokenizer_config.json")]
    [InlineData("generation_config.json")]
    public void Files_that_only_other_tools_need_may_be_missing(string name)
    {
        SaveTiny();
        File.Delete(_folder[name]);

        ModelFolder.Load(_folder.Path, _kernels).Dispose();
    }

    [Theory]
    [InlineData("config.json", "", ": is empty, or no regular file")]
    [InlineData("inkling.json", "[]", ": is not a JSON object")]
    [InlineData("inkling.json", "null", ": is not a JSON object")]
    [InlineData("inkling.json", "{\"a\":1,\"a\":1}", ": Duplicate property 'a' encountered during deserialization.")]
    [InlineData("inkling.json", "{\"a\":\"\\ud800\"}", ": an escape stands for half a character")]
    [InlineData("inkling.json", "{}", ", $.formatVersion: the format version is not 1, the one that this version of Inkling reads")]
    [InlineData("inkling.json", "{\"formatVersion\":2}", ", $.formatVersion: the format version is not 1, the one that this version of Inkling reads")]
    [InlineData("inkling.json", "{\"formatVersion\":[]}", ", $.formatVersion: the format version is not 1, the one that this version of Inkling reads")]
    [InlineData("inkling.json", "{\"formatVersion\":1,\"x\":1}", ": unknown field \"x\"")]
    [InlineData("inkling.json", "{\"formatVersion\":1}", ": field \"model\" is missing")]
    [InlineData("inkling.json", "{\"formatVersion\":1,\"model\":1,\"about\":{}}", ", $.model: expected an object")]
    [InlineData("tokenizer.json", "{}", ", $: field \"version\" is missing")]
    public void A_file_that_says_something_else_is_refused(string name, string content, string message)
    {
        SaveTiny();
        File.WriteAllText(_folder[name], content);

        Refused(_folder[name] + message);
    }

    [Fact]
    public void JSON_that_is_not_text_too_deep_or_too_long_is_refused()
    {
        SaveTiny();
        File.WriteAllBytes(_folder["inkling.json"], [(byte)'{', 0xFF, (byte)'}']);
        Refused($"{_folder["inkling.json"]}: is not UTF-8");

        File.WriteAllText(_folder["inkling.json"], new string('[', 100_000));
        Refused($"{_folder["inkling.json"]}, line 1, byte 65: The maximum configured depth of 64 has been exceeded. Cannot read next JSON array.");

        using (var stream = File.OpenWrite(_folder["inkling.json"]))
        {
            stream.SetLength(1L << 40);
        }

        Refused($"{_folder["inkling.json"]}: has 1099511627776 bytes; 16777216 are the most");
    }

    [Theory]
    [InlineData("headCount", "3", ", $.model: HeadCount 3 does not divide Width 4; choose a divisor, or give HeadSize.")]
    [InlineData("vocabularySize", "2000000000", ", $.model: VocabularySize is 2000000000; it must be 1 to 1048576.")]
    [InlineData("layerCount", "-1", ", $.model: LayerCount is -1; it must be 1 to 4096.")]
    [InlineData("normEpsilon", "0", ", $.model: NormEpsilon is 0; it must be above 0 and at most 1.")]
    [InlineData("width", "4.5", ", $.model.width: the value does not fit the field")]
    [InlineData("width", "\"4\"", ", $.model.width: the value does not fit the field")]
    [InlineData("width", "null", ", $.model.width: the value does not fit the field")]
    [InlineData("width", "99999999999", ", $.model.width: the value does not fit the field")]
    [InlineData("activation", "\"swish\"", ", $.model.activation: the value does not fit the field")]
    [InlineData("activation", "1", ", $.model.activation: the value does not fit the field")]
    [InlineData("x", "1", ", $.model: unknown field \"x\"")]
    [InlineData("head", null, ", $.model: field \"head\" is missing")]
    public void A_configuration_that_cannot_be_is_refused(string field, string? value, string message)
    {
        SaveTiny();
        ChangeModel(field, value);

        Refused(_folder["inkling.json"] + message);
    }

    [Theory]
    [InlineData("vocabularySize", "5", "config.json", ", $.vocab_size: differs from inkling.json, which makes it 5")]
    [InlineData("contextLength", "4", "config.json", ", $.n_positions: differs from inkling.json, which makes it 4")]
    [InlineData("layerCount", "3", "config.json", ", $.n_layer: differs from inkling.json, which makes it 3")]
    [InlineData("activation", "\"gelu\"", "config.json", ", $.activation_function: differs from inkling.json, which makes it \"gelu\"")]
    [InlineData("head", "\"untied\"", "config.json", ", $.tie_word_embeddings: differs from inkling.json, which makes it false")]
    [InlineData("head", "\"untiedWithBias\"", "config.json", ", $.model_type: differs from inkling.json, which makes it \"inkling\"")]
    public void The_two_configurations_must_agree(string field, string value, string file, string message)
    {
        SaveTiny();
        ChangeModel(field, value);

        Refused(_folder[file] + message);
    }

    [Fact]
    public void Weights_of_another_shape_are_refused_before_memory_is_taken()
    {
        var wide = TinyGpt.Config with { Width = 1 << 17, ContextLength = 1 << 20 };
        SaveTiny();
        WriteConfiguration(wide);
        Refused(
            $"{_folder["model.safetensors"]}: the tensors do not fit the model: misshapen wte.weight [4, 4] instead of [4, 131072], "
            + "wpe.weight [3, 4] instead of [1048576, 131072], h.0.ln_1.weight [4] instead of [131072] and 25 more");

        foreach (var positions in new[] { PositionKind.Rotary, PositionKind.Sinusoidal })
        {
            WriteConfiguration(TinyGpt.Config with { Positions = positions, ContextLength = 1 << 20, HeadSize = 1 << 16 });
            Assert.StartsWith(
                $"{_folder["model.safetensors"]}: the tensors do not fit the model: ",
                Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.Path, _kernels)).Message, StringComparison.Ordinal);
        }

        WriteConfiguration(TinyGpt.Config with { LayerCount = 4_096 });
        Refused($"{_folder["model.safetensors"]}: has 28 tensors, too few for 4096 layers");

        WriteConfiguration(TinyGpt.Config with { LayerCount = 3 });
        Refused($"{_folder["model.safetensors"]}: the tensors do not fit the model: missing h.2.ln_1.weight, h.2.ln_1.bias, h.2.attn.c_attn.weight and 9 more");

        WriteConfiguration(TinyGpt.Config with { LayerCount = 1 });
        Refused($"{_folder["model.safetensors"]}: the tensors do not fit the model: unexpected h.1.ln_1.weight, h.1.ln_1.bias, h.1.attn.c_attn.weight and 9 more");
        Assert.Equal(0, _kernels.AllocatedBytes);
    }

    [Fact]
    public void A_tokenizer_of_another_vocabulary_is_refused()
    {
        using (var model = TinyGpt.Create(_kernels))
        {
            ModelFolder.Save(_folder.Path, model, CharacterTokenizer.Train("Hello!"u8));
        }

        Refused($"{_folder["tokenizer.json"]}: has 5 tokens, but the model 4");
    }

    [Fact]
    public void A_truncated_weight_file_is_refused_at_every_length()
    {
        SaveTiny(TinyGpt.Config with { LayerCount = 1 });
        var bytes = File.ReadAllBytes(_folder["model.safetensors"]);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(_folder["model.safetensors"], bytes[..length]);
            Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.Path, _kernels));
        }
    }

    [Fact]
    public void A_model_is_replaced_while_a_reader_holds_the_old_one()
    {
        SaveTiny();
        using var old = SafetensorsFile.Open(_folder["model.safetensors"]);
        var (before, after) = (new float[16], new float[16]);
        old.Read(old.Tensors["wte.weight"], 0, before.AsSpan());

        using (var other = TinyGpt.Create(_kernels, seed: 9))
        {
            ModelFolder.Save(_folder.Path, other, TinyGpt.Tokenizer);
        }

        old.Read(old.Tensors["wte.weight"], 0, after.AsSpan());
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Whoever_reads_while_a_model_is_replaced_sees_one_of_them_in_all_files()
    {
        Gpt[] models = [TinyGpt.Create(_kernels, seed: 1), TinyGpt.Create(_kernels, seed: 2)];
        double[][] values = [.. models.Select(model => TinyGpt.Read(model.Parameters, model.Parameters.Values))];
        Save(0);
        using var ended = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var i = 1; !ended.IsCancellationRequested; i++)
            {
                Save(i % 2);
                Thread.Sleep(2); // far more often than a run does
            }
        });
        using var kernels = new ReferenceKernels<float>();
        for (var i = 0; i < 100; i++)
        {
            using var loaded = ModelFolder.Load(_folder.Path, kernels);
            Assert.Equal(values[(int)loaded.About["model"]!], TinyGpt.Read(loaded.Model.Parameters, loaded.Model.Parameters.Values));
        }

        await ended.CancelAsync();
        await writer;
        Array.ForEach(models, model => model.Dispose());

        void Save(int number) => ModelFolder.Save(
            new FaultyStorage(), _folder.Path, models[number], TinyGpt.Tokenizer, new JsonObject { ["model"] = number });
    }

    /// <summary>A model without the manifest, which would refuse whatever is changed before anything else looks at it.</summary>
    private void SaveTiny(GptConfig? config = null)
    {
        using var model = TinyGpt.Create(_kernels, config);
        ModelFolder.Save(_folder.Path, model, TinyGpt.Tokenizer);
        File.Delete(_folder["manifest.json"]);
    }

    private IEnumerable<string> Names()
    {
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);
        return file.Tensors.Keys;
    }

    private void ChangeModel(string field, string? value)
    {
        var content = JsonNode.Parse(File.ReadAllText(_folder["inkling.json"]))!;
        var model = content["model"]!.AsObject();
        if (value is null)
        {
            model.Remove(field);
        }
        else
        {
            model[field] = JsonNode.Parse(value);
        }

        File.WriteAllText(_folder["inkling.json"], content.ToJsonString());
    }

    private void WriteConfiguration(GptConfig config)
    {
        var content = JsonNode.Parse(File.ReadAllText(_folder["inkling.json"]))!;
        content["model"] = GptConfigJson.Write(config);
        File.WriteAllText(_folder["inkling.json"], content.ToJsonString());
        File.WriteAllText(_folder["config.json"], HuggingFaceModel.For(config).Config().ToJsonString());
    }

    private void Refused(string message)
        => Assert.Equal(message, Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.Path, _kernels)).Message);
}
