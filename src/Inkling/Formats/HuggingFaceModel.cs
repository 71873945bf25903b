using System.Text.Json.Nodes;
using Inkling.Models;

namespace Inkling.Formats;

/// <summary>How a model looks in a Hugging Face folder: its <c>config.json</c>, and the names and shapes of its tensors.</summary>
internal abstract class HuggingFaceModel(GptConfig config)
{
    protected GptConfig Shape { get; } = config;

    /// <summary>Fields of <see cref="Config"/> without which a model would be another one.</summary>
    public abstract IReadOnlyList<string> ShapeFields { get; }

    /// <summary>The family that computes what the model computes; GPT-2's words under a type of our own where none does.</summary>
    public static HuggingFaceModel For(GptConfig config) => LlamaModel.CanExpress(config) ? new LlamaModel(config) : new Gpt2Model(config);

    /// <summary>What <c>config.json</c> says.</summary>
    public abstract JsonObject Config();

    /// <summary>The tensors of the file.</summary>
    public abstract StoredTensor[] Tensors(Gpt model);
}
