using Inkling.Data;
using Inkling.Kernels.Cpu;
using Inkling.Tests.Models;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class EvaluationTests
{
    // Whole windows only; a last window that ends before half a context, right at it, and beyond it; and several batches of windows.
    [Theory]
    [InlineData((3 * 16) + 1)]
    [InlineData((3 * 16) + 5)]
    [InlineData((3 * 16) + 8)]
    [InlineData((3 * 16) + 9)]
    [InlineData((3 * 16) + 14)]
    [InlineData(12)]
    [InlineData(4_096 + (20 * 16) + 11)]
    public void Both_means_are_those_of_the_tokens_one_by_one(int length)
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        using var model = TinyModel.Create(kernels);
        var tokens = TinyModel.Tokens(length);
        var result = Evaluation.Measure(model, TokenData.From(tokens, model.Config.VocabularySize));

        var contextLength = model.Config.ContextLength;
        var losses = new List<(int Index, double Loss)>();
        for (var start = 0; start < length - 1; start += contextLength)
        {
            var window = tokens[start..Math.Min(start + contextLength, length - 1)];
            var logits = TinyModel.Forward(model, window).Logits[0];
            for (var i = 0; i < window.Length; i++)
            {
                var row = logits.Skip(i * model.Config.VocabularySize).Take(model.Config.VocabularySize).ToArray();
                losses.Add((start + i + 1, Math.Log(row.Sum(Math.Exp)) - row[tokens[start + i + 1]]));
            }
        }

        // Sums in float of a batch: seven digits, less what thousands of additions in double add.
        Assert.Equal(losses.Average(each => each.Loss), result.Loss, 1e-5);
        var late = losses.Where(each => Evaluation.HasHalfContext(each.Index, contextLength)).ToList();
        Assert.Equal(late.Average(each => each.Loss), result.LossHalfContext!.Value, 1e-5);
    }

    [Theory]
    [InlineData(4, "234678")] // the first window predicts 1 to 4, and before 2 it has 0 and 1
    [InlineData(5, "34589")]
    [InlineData(1, "123456789")]
    public void Half_a_context_comes_before_the_later_tokens_of_each_window(int contextLength, string expected)
        => Assert.Equal(expected, string.Concat(Enumerable.Range(0, 10).Where(i => Evaluation.HasHalfContext(i, contextLength))));

    [Fact]
    public void A_text_shorter_than_half_a_context_has_no_such_loss()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        using var model = TinyModel.Create(kernels);
        var result = Evaluation.Measure(model, TokenData.From(TinyModel.Tokens(8), model.Config.VocabularySize));
        Assert.Null(result.LossHalfContext);
        Assert.True(double.IsFinite(result.Loss));
    }
}
