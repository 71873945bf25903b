using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Kernels.Reference;
using Inkling.Tensors;

namespace Inkling.Tests.Formats;

public sealed class ParameterFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReferenceKernels<float> _kernels = new();

    private string FilePath => _folder["x.safetensors"];

    public void Dispose()
    {
        _kernels.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("float")]
    [InlineData("double")]
    public void Values_and_mirrors_come_back_to_the_bit(string kernelName)
    {
        using var kernels = TinyGpt.Kernels(kernelName);
        using var model = TinyGpt.Create(kernels, seed: 1);
        using var mirror = TinyGpt.Mirror(model.Parameters, seed: 2);
        using var other = TinyGpt.Create(kernels, seed: 3);
        using var otherMirror = other.Parameters.CreateMirror();

        Save(model.Parameters, model.Parameters.Values);
        ParameterFile.Load(FilePath, other.Parameters);
        Save(model.Parameters, mirror);
        ParameterFile.Load(FilePath, other.Parameters, otherMirror);

        Assert.Equal(TinyGpt.Read(model.Parameters, model.Parameters.Values), TinyGpt.Read(other.Parameters, other.Parameters.Values));
        Assert.Equal(TinyGpt.Read(model.Parameters, mirror), TinyGpt.Read(other.Parameters, otherMirror));
    }

    [Fact]
    public void A_tensor_longer_than_a_chunk_comes_back_to_the_bit()
    {
        using var store = StoreOf(("a", 3, 100_003), ("b", 1, 7));
        store.Initialize(1);
        using var loaded = StoreOf(("a", 3, 100_003), ("b", 1, 7));

        Save(store, store.Values);
        ParameterFile.Load(FilePath, loaded);

        Assert.Equal(TinyGpt.Read(store, store.Values), TinyGpt.Read(loaded, loaded.Values));
    }

    [Fact]
    public void Prepared_weights_follow_what_is_loaded()
    {
        using var kernels = TinyGpt.Kernels("cpu");
        using var model = TinyGpt.Create(kernels, seed: 1);
        Save(model.Parameters, model.Parameters.Values);
        model.Parameters.Initialize(seed: 2);
        var weight = model.Parameters.Parameters.Single(parameter => parameter.Name == "h.0.attn.c_proj.weight");
        using var x = kernels.Allocate(DType.Float32, 4);
        using var y = kernels.Allocate(DType.Float32, 4);
        kernels.Write<float>(x.View(1, 4), [1, 0, 0, 0]);
        kernels.Linear(new LinearArguments { X = x.View(1, 4), Weight = weight.Prepared, Y = y.View(1, 4) });

        ParameterFile.Load(FilePath, model.Parameters);
        kernels.Linear(new LinearArguments { X = x.View(1, 4), Weight = weight.Prepared, Y = y.View(1, 4) });

        var (first, expected) = (new float[4], new float[4]);
        kernels.Read(y.View(1, 4), first.AsSpan());
        kernels.Read(weight.Value.SliceRows(0, 1), expected.AsSpan());
        Assert.Equal(expected, first);
    }

    [Fact]
    public void All_that_does_not_fit_is_named_at_once_and_nothing_changes()
    {
        using var saved = StoreOf(("a", 1, 2), ("b", 2, 3), ("x1", 1, 1), ("x2", 1, 1), ("x3", 1, 1), ("x4", 1, 1), ("x\n5", 1, 1));
        using var store = StoreOf(("a", 1, 2), ("b", 3, 2), ("c", 1, 1));
        store.Initialize(1);
        var before = TinyGpt.Read(store, store.Values);
        Save(saved, saved.Values);

        var error = Assert.Throws<ModelFormatException>(() => ParameterFile.Load(FilePath, store));

        Assert.Equal(
            $"{FilePath}: the tensors do not fit the model: missing c; unexpected x1, x2, x3 and 2 more; misshapen b [2, 3] instead of [3, 2]",
            error.Message);
        Assert.Equal(before, TinyGpt.Read(store, store.Values));
    }

    [Fact]
    public void A_vector_is_not_a_matrix_of_one_row()
    {
        using var saved = StoreOf(("a", 1, 2));
        using var store = new ParameterStore(_kernels);
        store.AddVector("a", 2, Initialization.Zero);
        Save(saved, saved.Values);

        Assert.Equal(
            $"{FilePath}: the tensors do not fit the model: misshapen a [1, 2] instead of [2]",
            Assert.Throws<ModelFormatException>(() => ParameterFile.Load(FilePath, store)).Message);
    }

    private void Save(ParameterStore store, DeviceBuffer buffer) => AtomicFile.Write(FilePath, stream => ParameterFile.Save(stream, store, buffer));

    private ParameterStore StoreOf(params (string Name, int Rows, int Columns)[] matrices)
    {
        var store = new ParameterStore(_kernels);
        foreach (var (name, rows, columns) in matrices)
        {
            store.Add(new ParameterDescription { Name = name, Rows = rows, Columns = columns, Initialization = Initialization.Normal(1) });
        }

        return store;
    }
}
