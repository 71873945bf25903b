using Inkling.Kernels.Reference;
using Inkling.Tensors;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Tensors;

public sealed class ParameterStoreTests : IDisposable
{
    private readonly ReferenceKernels<float> _kernels = new();

    public void Dispose() => _kernels.Dispose();

    [Fact]
    public void Segments_begin_on_64_bytes_and_hold_their_numbers()
    {
        using var store = new ParameterStore(_kernels);
        foreach (var (i, length) in new[] { 1, 16, 17, 3, 32 }.Index())
            store.AddVector($"p{i}", length, Initialization.Zero);

        Assert.Equal([0L, 16, 32, 64, 80], store.Parameters.Select(parameter => parameter.Offset));
        Assert.Equal((112, 69), (store.FlatCount, store.ParameterCount));
        Assert.Equal(112, store.Values.Count);
    }

    [Fact]
    public void Ranges_join_neighbours_that_are_treated_alike()
    {
        using var store = new ParameterStore(_kernels);
        Add(store, "a", 3, 5, decays: true);
        Add(store, "b", 2, 2, decays: true);
        Add(store, "c", 1, 4);
        Add(store, "d", 1, 20);
        Add(store, "e", 1, 1, scale: 0.5);
        Add(store, "f", 1, 1, decays: true, scale: 0.5);
        Add(store, "g", 4, 4, decays: true);
        Assert.Equal(
            [
                new ParameterRange(0, 20, true, 1),
                new ParameterRange(32, 68, false, 1),
                new ParameterRange(80, 81, false, 0.5),
                new ParameterRange(96, 97, true, 0.5),
                new ParameterRange(112, 128, true, 1),
            ],
            store.Ranges());
    }

    [Fact]
    public void A_store_without_parameters_has_no_ranges()
    {
        using var store = new ParameterStore(_kernels);
        Assert.Empty(store.Ranges());
    }

    /// <summary>Views count columns in 32 bits. Nothing is allocated: only the table is asked.</summary>
    [Fact]
    public void Ranges_too_long_for_a_view_are_cut_also_inside_a_parameter()
    {
        const long Longest = 1L << 30;
        using var store = new ParameterStore(_kernels);
        Add(store, "small", 1, 10, decays: true);
        Add(store, "huge", 70_000, 50_000, decays: true); // 3.5·10⁹
        Add(store, "bias", 1, 7);
        var ranges = store.Ranges().ToArray();
        Assert.All(ranges, range => Assert.InRange(range.To - range.From, 1, Longest));

        // Together they cover every parameter once, and keep its treatment.
        var decaying = ranges.Where(range => range.Decays).ToArray();
        Assert.Equal((0, store.Parameters[1].Offset + store.Parameters[1].Count), (decaying[0].From, decaying[^1].To));
        Assert.All(decaying.Zip(decaying.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.All(decaying, range => Assert.Equal(0, range.From % 16));
        Assert.Equal(decaying.Length + 1, ranges.Length);
        Assert.Equal(new ParameterRange(store.Parameters[2].Offset, store.Parameters[2].Offset + 7, false, 1), ranges[^1]);
    }

    [Fact]
    public void First_values_depend_on_seed_and_place_in_the_order_alone()
    {
        var expected = Draw(1, ("first", 3, 5), ("second", 4, 6));
        Assert.Equal(expected, Draw(1, ("first", 3, 5), ("second", 4, 6)));
        Assert.Equal(expected, Draw(1, ("other name", 100, 50), ("yet another", 4, 6)));
        Assert.Equal(expected, Draw(1, ("first", 3, 5), ("second", 6, 4))); // row by row, whatever the shape
        Assert.NotEqual(expected, Draw(2, ("first", 3, 5), ("second", 4, 6)));
        Assert.NotEqual(expected, Draw(1, ("second", 4, 6)));
        Assert.NotEqual(expected, Draw(1, ("first", 3, 5), ("between", 1, 1), ("second", 4, 6)));

        // The values of the last parameter.
        double[] Draw(ulong seed, params (string Name, int Rows, int Columns)[] sizes)
        {
            using var store = new ParameterStore(_kernels);
            foreach (var (name, rows, columns) in sizes)
                Add(store, name, rows, columns);

            store.Initialize(seed);
            return _kernels.ReadNumbers(store.Parameters[^1].Value);
        }
    }

    [Fact]
    public void A_constant_is_every_element_and_the_gaps_stay_zero()
    {
        using var store = new ParameterStore(_kernels);
        store.AddVector("gain", 5, Initialization.One);
        store.AddVector("bias", 2, Initialization.Zero);
        store.Initialize(1);
        Assert.Equal([1, 1, 1, 1, 1, .. new double[27]], _kernels.ReadNumbers(store.Values.View(1, 32)));
    }

    [Fact]
    public void A_name_that_is_taken_is_refused()
    {
        using var store = new ParameterStore(_kernels);
        Add(store, "w", 1, 1);
        var error = Assert.Throws<InvalidOperationException>(() => Add(store, "w", 2, 2));
        Assert.Equal("There is already a parameter w.", error.Message);
        Assert.Equal((1, 16), (store.Parameters.Count, store.FlatCount));
    }

    [Fact]
    public void A_parameter_after_the_values_is_refused()
    {
        using var store = new ParameterStore(_kernels);
        Add(store, "w", 1, 1);
        Assert.Equal(16, store.Values.Count);
        var error = Assert.Throws<InvalidOperationException>(() => store.AddVector("b", 1, Initialization.Zero));
        Assert.Equal("Parameter b comes too late: the values are allocated.", error.Message);
        Assert.Equal((1, 16), (store.Parameters.Count, store.FlatCount));
    }

    private static Parameter Add(ParameterStore store, string name, int rows, int columns, bool decays = false, double scale = 1)
        => store.Add(new ParameterDescription
        {
            Name = name,
            Rows = rows,
            Columns = columns,
            Decays = decays,
            LearningRateScale = scale,
            Initialization = Initialization.Normal(1),
        });
}
