using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>Token table plus a vector for each position, learned or fixed, or none ("wte" and "wpe" in GPT-2).</summary>
public sealed class Embedding
{
    private readonly Parameter? _learnedPositions;
    private readonly PositionTable? _fixedPositions;
    private readonly double _dropoutRate;

    /// <summary>Adds <c>wte.weight</c> (V, C) and, where positions are learned, <c>wpe.weight</c> (context length, C) to the parameters.</summary>
    public Embedding(ParameterStore parameters, EmbeddingOptions options)
    {
        Tokens = parameters.Add(Table("wte.weight", options.VocabularySize, options));
        _learnedPositions = options.LearnedPositionCount > 0 ? parameters.Add(Table("wpe.weight", options.LearnedPositionCount, options)) : null;
        _fixedPositions = options.FixedPositions;
        _dropoutRate = options.Dropout;
    }

    /// <summary>The token table, (V, C), which a tied head uses too.</summary>
    public Parameter Tokens { get; }

    /// <summary>Looks the tokens up and adds their positions.</summary>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, TokenBatch batch)
    {
        var x = Operation.Embed(step, batch, Tokens, _learnedPositions, _fixedPositions?.View ?? default); // (B, T, C)
        return Operation.Dropout(step, x, step.Dropout(_dropoutRate, DropoutSite.Embedding, batch.Time));
    }

    private static ParameterDescription Table(string name, int rows, EmbeddingOptions options) => new()
    {
        Name = name,
        Rows = rows,
        Columns = options.Width,
        Layout = WeightLayout.OutputByInput,
        Initialization = Initialization.Normal(options.StandardDeviation),
        Decays = true,
    };
}
