using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Generation;

/// <summary>The oracle of <see cref="Generator"/>: without a cache, the whole window goes through the model for each token.</summary>
public static class SlowGenerator
{
    /// <summary>Continues a prompt as <see cref="Generator.Generate"/> does.</summary>
    /// <returns>The new tokens, without the prompt.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, a token is outside the vocabulary, or an option outside its range.</exception>
    public static IEnumerable<int> Generate(Gpt model, ReadOnlySpan<int> prompt, GenerationOptions options)
    {
        var sampler = new Sampler(options, model.Config.VocabularySize);
        Prompt.Check(prompt, model.Config.VocabularySize);
        List<int> window = [.. prompt];
        KeepLast(window, model.Config.ContextLength);
        return Continue(model, window, sampler, Penalties.Create(options, model.Config.VocabularySize, [.. window]), options);
    }

    private static IEnumerable<int> Continue(Gpt model, List<int> window, Sampler sampler, Penalties? penalties, GenerationOptions options)
    {
        var contextLength = model.Config.ContextLength;
        for (var position = 0; position < options.TokenCount; position++)
        {
            var logits = Logits(model, [.. window]);
            var token = sampler.Next(penalties is null ? logits : penalties.Apply(logits), position);
            penalties?.Count(token);
            yield return token;
            window.Add(token);
            if (window.Count > contextLength)
            {
                KeepLast(window, options.Window == WindowRule.Exact ? contextLength : Math.Max(1, contextLength / 2));
            }
        }
    }

    private static void KeepLast(List<int> window, int count) => window.RemoveRange(0, Math.Max(0, window.Count - count));

    private static float[] Logits(Gpt model, int[] window)
    {
        var kernels = model.Parameters.Kernels;
        var (T, V) = (window.Length, model.Config.VocabularySize);
        using var arena = new Arena(kernels);
        using var tokens = kernels.Allocate(DType.Int32, T);
        using var positions = kernels.Allocate(DType.Int32, T);
        kernels.Write<int>(tokens.View(T, 1), window);
        kernels.Write<int>(positions.View(T, 1), [.. Enumerable.Range(0, T)]);
        var step = new Step(kernels, arena);
        var hidden = model.Forward(step, new TokenBatch(tokens.View(T, 1), positions.View(T, 1), 1, T)); // (1, T, C)
        var logits = model.Logits(step, hidden); // (1, T, V)
        var last = new float[V];
        kernels.Read<float>(logits.View.SliceRows(T - 1, 1), last);
        return last;
    }
}
