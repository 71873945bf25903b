using System.Numerics;

namespace Inkling.Formats;

/// <summary>Looks for numbers that cannot be right, a chunk at a time, whatever the size of the file.</summary>
internal static class ValueCheck
{
    private const int ChunkLength = 1 << 16;

    /// <summary>What is wrong with the numbers of a tensor; null for nothing.</summary>
    /// <param name="file">The file.</param>
    /// <param name="tensor">One of its tensors.</param>
    /// <param name="rule">What they can be.</param>
    /// <param name="read">Told how many bytes have been read since it was told before.</param>
    /// <exception cref="ModelFormatException">The file cannot be read any more.</exception>
    public static string? ProblemOf(SafetensorsFile file, SafetensorsTensor tensor, ValueRule rule, Action<long> read)
        => tensor.Type == SafetensorsType.F32 ? ProblemOf<float>(file, tensor, rule, read) : ProblemOf<double>(file, tensor, rule, read);

    private static string? ProblemOf<T>(SafetensorsFile file, SafetensorsTensor tensor, ValueRule rule, Action<long> read)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (nonFinite, misfit) = (new Places(), new Places());
        var chunk = new T[Math.Min(ChunkLength, tensor.Count)];
        for (var first = 0L; first < tensor.Count; first += ChunkLength)
        {
            var values = chunk.AsSpan(0, (int)Math.Min(ChunkLength, tensor.Count - first));
            file.Read(tensor, first, values);
            for (var i = 0; i < values.Length; i++)
            {
                if (!T.IsFinite(values[i]))
                {
                    nonFinite.Add(first + i);
                }
                else if (rule == ValueRule.FiniteAndNotNegative ? values[i] < T.Zero : rule == ValueRule.Zero && values[i] != T.Zero)
                {
                    misfit.Add(first + i);
                }
            }

            read((long)values.Length * tensor.Type.ByteSize());
        }

        string[] problems =
        [
            .. nonFinite.Describe(tensor, "not finite"),
            .. misfit.Describe(tensor, rule == ValueRule.Zero ? "not zero, but the model has no such bias" : "negative"),
        ];
        return problems.Length == 0 ? null : $"tensor {ModelFormatException.Quote(tensor.Name)}: {string.Join("; ", problems)}";
    }

    /// <summary>How many there are, and where the first is.</summary>
    private struct Places()
    {
        private long _count;
        private long _first;

        public void Add(long index)
        {
            _first = _count == 0 ? index : _first;
            _count++;
        }

        public readonly string[] Describe(SafetensorsTensor tensor, string what)
            => _count == 0 ? [] : [$"{_count} of {tensor.Count} numbers {(_count == 1 ? "is" : "are")} {what}, the first at [{string.Join(", ", Position(tensor.Shape))}]"];

        /// <summary>The first place, counted along each dimension.</summary>
        private readonly long[] Position(IReadOnlyList<long> shape)
        {
            var (position, rest) = (new long[shape.Count], _first);
            for (var i = shape.Count - 1; i >= 0; i--)
            {
                (rest, position[i]) = Math.DivRem(rest, shape[i]);
            }

            return position;
        }
    }
}
