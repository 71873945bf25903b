using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

/// <summary>A matrix that an operation reads or writes.</summary>
internal sealed record Operand(string Name, int Rows, int Columns)
{
    /// <summary>Whether the operation may change it.</summary>
    public bool IsOutput { get; init; }

    /// <summary>Element (row, column) before the operation; none for an output that holds rubbish then.</summary>
    public Func<Random, double>? Values { get; init; }

    public DType Type { get; init; }

    /// <summary>
    /// Above zero for a sum of that many products (or numbers), each rounded once on its way in: the result is then off by at most
    /// 4·√terms·ε·Σ|a||b|. Zero for everything else, which is held to a mean squared error.
    /// </summary>
    public int Terms { get; init; }

    /// <summary>Where <see cref="Terms"/> is zero: the mean squared error, as a share of the mean square.</summary>
    public double Tolerance { get; init; } = 1e-10;

    /// <summary>What the mean squared error may be in addition, for numbers that are about zero.</summary>
    public double Floor { get; init; } = 1e-14;

    public static Operand Input(string name, int rows, int columns, Func<Random, double>? values = null)
        => new(name, rows, columns) { Values = values ?? Uniform };

    public static Operand Indices(string name, int rows, Func<Random, double> values)
        => new(name, rows, 1) { Values = values, Type = DType.Int32 };

    /// <summary>An output that is overwritten, or added to.</summary>
    public static Operand Output(string name, int rows, int columns, int terms = 0, bool accumulate = false)
        => new(name, rows, columns) { IsOutput = true, Terms = terms, Values = accumulate ? Uniform : null };

    /// <summary>A number in [−1, 1).</summary>
    public static double Uniform(Random random) => (2 * random.NextSingle()) - 1;

    /// <summary>A number in [−scale, scale), now and then zero.</summary>
    public static Func<Random, double> Wide(double scale) => random => random.Next(50) == 0 ? 0 : scale * Uniform(random);

    public static Func<Random, double> Constant(double value) => _ => value;

    /// <summary>The values in order, for operands whose very elements matter.</summary>
    public static Func<Random, double> Sequence(params double[] values)
    {
        var next = 0;
        return _ => values[next++ % values.Length];
    }

    /// <summary>The elements row by row, each as a float would hold it.</summary>
    public double[] Draw(Random random)
    {
        var values = new double[Rows * Columns];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)Values!(random);

        return values;
    }
}
