using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

/// <summary>Where operands lie in their buffers.</summary>
internal enum OperandLayout
{
    /// <summary>At the start of the buffer, row on row, as tensors lie.</summary>
    Tight,

    /// <summary>At odd offsets, with gaps between the rows, as slices lie.</summary>
    Loose,
}

/// <summary>
/// The operands of a case in the memory of some kernels, each within a larger buffer full of canaries. A canary is a
/// NaN: whoever calculates with one spoils his result, whoever overwrites one is caught by its bits.
/// </summary>
internal sealed class OperandMemory : IDisposable
{
    private const int Tail = 64;
    private static readonly double Canary = BitConverter.UInt64BitsToDouble(0x7FF8_BEEF_0000_0000); // survives the way to float and back
    private const double IntegerCanary = 0x7FC0_BEEF;

    private readonly IKernels _kernels;
    private readonly Dictionary<string, Place> _places = [];
    private readonly List<IDisposable> _owned = [];

    public OperandMemory(IKernels kernels, IEnumerable<Operand> operands, IReadOnlyDictionary<string, double[]> values, OperandLayout layout)
    {
        _kernels = kernels;
        foreach (var operand in operands)
        {
            var (offset, gap) = layout == OperandLayout.Tight ? (0, 0) : (_places.Count + 7, (_places.Count % 4) + 1);
            var pitch = operand.Columns + gap;
            var before = new double[offset + (operand.Rows * pitch) + Tail];
            var buffer = kernels.Allocate(operand.Type == DType.Int32 ? DType.Int32 : kernels.Real, before.Length);
            var place = new Place(operand, new MatrixView(buffer, offset, operand.Rows, operand.Columns, pitch), before);
            Array.Fill(before, operand.Type == DType.Int32 ? IntegerCanary : Canary);
            if (values.TryGetValue(operand.Name, out var elements))
            {
                for (var i = 0; i < elements.Length; i++)
                    before[place.Index(i)] = elements[i];
            }

            kernels.WriteNumbers(buffer.View(1, before.Length), before);
            _places.Add(operand.Name, place);
            _owned.Add(buffer);
        }
    }

    public MatrixView this[string name] => _places[name].View;

    /// <summary>The operand, or none where the case has no such operand.</summary>
    public MatrixView Optional(string name) => _places.TryGetValue(name, out var place) ? place.View : default;

    public PreparedWeight Prepare(string name, WeightLayout layout, Precision precision = Precision.Float32)
    {
        var weight = _kernels.Prepare(this[name], layout, precision);
        _owned.Add(weight);
        return weight;
    }

    /// <summary>The elements of every output, after a check that nothing else has changed by a bit.</summary>
    public Dictionary<string, double[]> ReadOutputs()
    {
        var outputs = new Dictionary<string, double[]>();
        foreach (var (name, place) in _places)
        {
            var after = _kernels.ReadNumbers(place.View.Buffer.View(1, place.Before.Length));
            if (place.Operand.IsOutput)
            {
                outputs[name] = [.. Enumerable.Range(0, (int)place.View.Count).Select(i => after[place.Index(i)])];
                for (var i = 0; i < place.View.Count; i++)
                    after[place.Index(i)] = place.Before[place.Index(i)];
            }

            var changed = after.AsSpan().CommonPrefixLength(place.Before, BitComparer.Instance);
            Assert.True(changed == after.Length, $"{name}: element {changed} of the buffer, outside every destination, changed.");
        }

        return outputs;
    }

    public void Dispose() => _owned.ForEach(item => item.Dispose());

    private sealed record Place(Operand Operand, MatrixView View, double[] Before)
    {
        public int Index(int element) => (int)View.Offset + (element / View.Columns * View.Pitch) + (element % View.Columns);
    }
}
