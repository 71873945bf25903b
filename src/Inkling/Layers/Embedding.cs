using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>Token table plus learned position table ("wte" and "wpe" in GPT-2).</summary>
public sealed class Embedding
{
    private readonly Parameter _positions;
    private readonly double _dropoutRate;

    /// <summary>Adds <c>wte.weight</c> (V, C) and <c>wpe.weight</c> (context length, C) to the parameters.</summary>
    public Embedding(ParameterStore parameters, int vocabularySize, int contextLength, int width, double standardDeviation, double dropoutRate)
    {
        Tokens = parameters.Add(Table("wte.weight", vocabularySize, width, standardDeviation));
        _positions = parameters.Add(Table("wpe.weight", contextLength, width, standardDeviation));
        _dropoutRate = dropoutRate;
    }

    /// <summary>The token table, (V, C), which a tied head uses too.</summary>
    public Parameter Tokens { get; }

    /// <summary>Looks the tokens up and adds their positions.</summary>
    /// <returns>(B, T, C).</returns>
    public Tensor Forward(Step step, TokenBatch batch)
    {
        var x = Operation.Embed(step, batch, Tokens, _positions); // (B, T, C)
        return Operation.Dropout(step, x, step.Dropout(_dropoutRate, DropoutSite.Embedding, batch.Time));
    }

    private static ParameterDescription Table(string name, int rows, int columns, double standardDeviation) => new()
    {
        Name = name,
        Rows = rows,
        Columns = columns,
        Layout = WeightLayout.OutputByInput,
        Initialization = Initialization.Normal(standardDeviation),
        Decays = true,
    };
}
