using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>
/// The trainable parameters of a model in one flat buffer: segments on 64-byte boundaries in the order in which they were added.
/// Gradients and moments mirror it, so that optimizer, norm and all-reduce work on ranges.
/// </summary>
public sealed class ParameterStore(IKernels kernels, Precision precision = Precision.Float32) : IDisposable
{
    private const int Alignment = 16;

    // Views count columns in 32 bits; longer ranges are cut.
    private const long LongestRange = 1L << 30;

    private readonly List<Parameter> _parameters = [];
    private readonly HashSet<string> _names = [];
    private DeviceBuffer? _values;

    /// <summary>What computes with the parameters.</summary>
    public IKernels Kernels { get; } = kernels;

    /// <summary>Precision of the products with them.</summary>
    public Precision Precision { get; } = precision;

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Elements of the flat buffers, alignment included.</summary>
    public long FlatCount { get; private set; }

    /// <summary>Number of trainable numbers, each tied matrix once.</summary>
    public long ParameterCount => _parameters.Sum(parameter => parameter.Count);

    /// <summary>How often values have changed: what was computed with them is theirs no more once this number is another.</summary>
    public long Version { get; private set; }

    /// <summary>The flat values; the first use allocates them and fixes the set of parameters.</summary>
    public DeviceBuffer Values => _values ??= CreateMirror();

    /// <summary>Reserves a segment.</summary>
    /// <exception cref="InvalidOperationException">The values exist already, or the name does.</exception>
    public Parameter Add(ParameterDescription description)
    {
        if (_values is not null)
        {
            throw new InvalidOperationException($"Parameter {description.Name} comes too late: the values are allocated.");
        }

        if (!_names.Add(description.Name))
        {
            throw new InvalidOperationException($"There is already a parameter {description.Name}.");
        }

        var parameter = new Parameter(this, _parameters.Count, description, FlatCount);
        _parameters.Add(parameter);
        FlatCount = checked(FlatCount + (((parameter.Count + Alignment - 1) / Alignment) * Alignment));
        return parameter;
    }

    /// <summary>Reserves a segment for a bias or a gain, which does not decay.</summary>
    public Parameter AddVector(string name, int length, Initialization initialization)
        => Add(new ParameterDescription { Name = name, Rows = 1, Columns = length, Initialization = initialization, IsVector = true });

    /// <summary>A zero-filled buffer with the layout of the values.</summary>
    public DeviceBuffer CreateMirror() => Kernels.Allocate(Kernels.Real, FlatCount);

    /// <summary>Draws the first values; a parameter's depend on the seed and its place in the order alone.</summary>
    public void Initialize(ulong seed)
    {
        foreach (var parameter in _parameters)
        {
            var (constant, deviation) = parameter.Description.Initialization;
            if (deviation > 0)
            {
                Kernels.FillNormal(parameter.Value, deviation, new RandomKey(seed, RandomPurpose.Initialization, 0, (uint)parameter.Index));
            }
            else
            {
                Kernels.Fill(parameter.Value, constant);
            }
        }

        Invalidate();
    }

    /// <summary>Whether every value is a finite number. Waits for the device.</summary>
    public bool IsFinite()
    {
        using var sums = Kernels.Allocate(Kernels.Real, 1);
        var sum = new MatrixView(sums, 0, 1, 1, 1);
        foreach (var parameter in _parameters)
        {
            Kernels.SumSquares(parameter.Value, sum, accumulate: true);
        }

        Span<double> result = stackalloc double[1];
        Kernels.ReadReals(sum, result);
        return double.IsFinite(result[0]);
    }

    /// <summary>Says that values have changed, so that prepared weights are made again.</summary>
    public void Invalidate()
    {
        Version++;
        foreach (var parameter in _parameters)
        {
            parameter.Invalidate();
        }
    }

    /// <summary>The longest ranges [from, to) of parameters that the optimizer treats alike, each short enough for a view.</summary>
    public IEnumerable<ParameterRange> Ranges()
    {
        for (var i = 0; i < _parameters.Count;)
        {
            var first = _parameters[i];
            var last = first;
            for (; i < _parameters.Count && IsTreatedAlike(first, _parameters[i]); i++)
            {
                last = _parameters[i];
            }

            for (var from = first.Offset; from < last.Offset + last.Count; from += LongestRange)
            {
                var to = Math.Min(from + LongestRange, last.Offset + last.Count);
                yield return new ParameterRange(from, to, first.Description.Decays, first.Description.LearningRateScale);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters.ForEach(parameter => parameter.Release());
        _values?.Dispose();
    }

    private static bool IsTreatedAlike(Parameter a, Parameter b)
        => (a.Description.Decays, a.Description.LearningRateScale) == (b.Description.Decays, b.Description.LearningRateScale);
}
