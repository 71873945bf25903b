using Inkling.Kernels;
using Inkling.Layers;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Generation;

/// <summary>
/// Continues texts token by token. Keys and values of the tokens already seen are kept, so that the prompt costs one pass and each further
/// token one row of work; of the next prompt only what follows the beginning that it shares with the last text costs anything. A generator belongs to one thread and continues one text at a time.
/// </summary>
public sealed class Generator : IDisposable
{
    private readonly Gpt _model;
    private readonly Arena _arena;
    private readonly Step _step;
    private readonly KeyValueCache _cache;
    private readonly DeviceBuffer _tokens;
    private readonly DeviceBuffer _positions;
    private readonly int[] _window;
    private readonly float[] _logits;
    private int _windowLength;
    private long _cachedVersion;
    private int _text;

    /// <summary>Takes the memory to generate with; the model stays the caller's.</summary>
    /// <exception cref="ArgumentException">The model does not compute in float32.</exception>
    public Generator(Gpt model)
    {
        var kernels = model.Parameters.Kernels;
        if (kernels.Real != DType.Float32)
        {
            throw new ArgumentException($"Generation reads {DType.Float32} logits; a model on {kernels.Description} has {kernels.Real}.");
        }

        var contextLength = model.Config.ContextLength;
        _model = model;
        _arena = new Arena(kernels);
        _step = new Step(kernels, _arena);
        _cache = model.CreateCache();
        _tokens = kernels.Allocate(DType.Int32, contextLength);
        _positions = kernels.Allocate(DType.Int32, contextLength);
        kernels.Write<int>(_positions.View(contextLength, 1), [.. Enumerable.Range(0, contextLength)]);
        _window = new int[contextLength];
        _logits = new float[model.Config.VocabularySize];
    }

    /// <summary>Continues a prompt; each token is computed when it is asked for.</summary>
    /// <param name="prompt">Tokens to begin with, at least one; of more than the context length only the last count.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <returns>The new tokens, without the prompt.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, a token is outside the vocabulary, or an option outside its range.</exception>
    /// <exception cref="InvalidLogitsException">While the tokens are read: the model gives no distribution.</exception>
    /// <exception cref="InvalidOperationException">While the tokens are read: another text has begun.</exception>
    public IEnumerable<int> Generate(ReadOnlySpan<int> prompt, GenerationOptions? options = null)
    {
        options ??= new GenerationOptions();
        var sampler = new Sampler(options, _logits.Length);
        Prompt.Check(prompt, _logits.Length);
        prompt = prompt[Math.Max(0, prompt.Length - _window.Length)..];
        return Continue(prompt.ToArray(), sampler, Penalties.Create(options, _logits.Length, prompt), options);
    }

    /// <summary>The same tokens as <see cref="Generate"/>, each with its probability and those of the most probable ones in its place.</summary>
    /// <param name="prompt">Tokens to begin with, as for <see cref="Generate"/>.</param>
    /// <param name="topCount">Most probable tokens to name each time; all where there are fewer.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentException">As for <see cref="Generate"/>, or <paramref name="topCount"/> is below 0.</exception>
    /// <exception cref="InvalidLogitsException">While the tokens are read: the model gives no distribution.</exception>
    /// <exception cref="InvalidOperationException">While the tokens are read: another text has begun.</exception>
    public IEnumerable<GeneratedToken> GenerateWithProbabilities(ReadOnlySpan<int> prompt, int topCount, GenerationOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(topCount);
        return Generate(prompt, options).Select(token => GeneratedToken.FromLogits(token, _logits, topCount));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _positions.Dispose();
        _tokens.Dispose();
        _cache.Dispose();
        _arena.Dispose();
    }

    private IEnumerable<int> Continue(int[] prompt, Sampler sampler, Penalties? penalties, GenerationOptions options)
    {
        var text = ++_text;
        Begin(prompt);
        for (var position = 0; position < options.TokenCount; position++)
        {
            if (text != _text)
            {
                throw new InvalidOperationException("This generator has begun another text; use one generator for each text at a time.");
            }

            ComputeLogits();
            var token = sampler.Next(penalties is null ? _logits : penalties.Apply(_logits), position);
            penalties?.Count(token);
            Append(token, options.Window);
            yield return token;
        }
    }

    private void Begin(ReadOnlySpan<int> prompt)
    {
        // Keys and values that the last text left are those of the same tokens in the same places, unless the weights have changed. The
        // prompt's last token is computed again, since its logits are needed.
        var version = _model.Parameters.Version;
        var shared = version == _cachedVersion ? prompt.CommonPrefixLength(_window.AsSpan(0, _cache.Length)) : 0;
        _cache.Truncate(Math.Min(shared, prompt.Length - 1));
        _cachedVersion = version;
        prompt.CopyTo(_window);
        _windowLength = prompt.Length;
    }

    /// <summary>Scores what follows the window, from those of its tokens that the cache lacks: all of them, or the last.</summary>
    private void ComputeLogits()
    {
        var (from, count) = (_cache.Length, _windowLength - _cache.Length);
        var tokens = _tokens.View(count, 1);
        _step.Kernels.Write<int>(tokens, _window.AsSpan(from, count));
        _arena.Reset();
        var batch = new TokenBatch(tokens, _positions.View(_window.Length, 1).SliceRows(from, count), 1, count);
        var hidden = _model.Forward(_step, batch, _cache); // (1, T, C)
        var last = new Tensor(hidden.View.SliceRows(count - 1, 1), hidden.Shape with { Time = 1 }, 0); // (1, 1, C)
        var logits = _model.Logits(_step, last); // (1, 1, V)
        _step.Kernels.Read<float>(logits.View, _logits);
    }

    private void Append(int token, WindowRule rule)
    {
        if (_windowLength == _window.Length)
        {
            // Positions count from the start of the window: when it moves, no key or value is as it was.
            var kept = rule == WindowRule.Exact ? _window.Length : Math.Max(1, _window.Length / 2);
            _windowLength = kept - 1;
            _window.AsSpan(_window.Length - _windowLength).CopyTo(_window);
            _cache.Clear();
        }

        _window[_windowLength++] = token;
    }
}
