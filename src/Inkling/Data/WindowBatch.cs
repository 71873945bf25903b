namespace Inkling.Data;

/// <summary>How much of the spans a batch fills.</summary>
/// <param name="RowCount">Windows in the batch.</param>
/// <param name="Length">Tokens in each window.</param>
public readonly record struct WindowBatch(int RowCount, int Length)
{
    /// <summary>Tokens predicted by the batch.</summary>
    public int TokenCount => RowCount * Length;
}
