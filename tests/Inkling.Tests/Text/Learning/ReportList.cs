using Inkling.Text.Learning;

namespace Inkling.Tests.Text.Learning;

/// <summary>Keeps what a trainer reports.</summary>
internal sealed class ReportList(Action<TokenizerTrainingProgress>? also = null) : List<TokenizerTrainingProgress>, IProgress<TokenizerTrainingProgress>
{
    public void Report(TokenizerTrainingProgress value)
    {
        Add(value);
        also?.Invoke(value);
    }
}
