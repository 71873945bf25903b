using Inkling.Kernels;
using Inkling.Kernels.Reference;
using Inkling.Tensors;
using Inkling.Tensors.Operations;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Tensors;

/// <summary>
/// The gradients that the tape gives, for graphs in which tensors are used once, twice and not at all, against central differences in double.
/// </summary>
public sealed class OperationTests
{
    private const int B = 2, T = 5, C = 6, V = 7;

    // Central differences with step h err by about h² and by ε/h; at 1e-5 both are below 1e-9 of values around 1.
    private const double H = 1e-5;
    private const double Tolerance = 1e-6;

    private static readonly AttentionShape OneHead = new()
    {
        BatchSize = B,
        QueryCount = T,
        KeyCount = T,
        KeyCapacity = T,
        HeadCount = 2,
        KeyHeadCount = 2,
        HeadSize = C / 2,
        Causal = true,
    };

    public static TheoryData<string> Graphs => [.. All.Keys];

    private static Dictionary<string, Func<Graph, Step, Tensor, Tensor>> All { get; } = new()
    {
        ["linear"] = (g, s, x) => Operation.Linear(s, x, g.Square, g.Bias),
        ["linear with everything"] = (g, s, x) => Operation.Linear(
            s, x, g.Square, g.Bias, Activation.Gelu, s.Dropout(0.3, 1, T), residual: x),
        ["linear with dropout and residual"] = (g, s, x) => Operation.Linear(s, x, g.Square, null, Activation.None, s.Dropout(0.3, 1, T), x),
        ["two layers in turn"] = (g, s, x) => Operation.Linear(
            s, Operation.Linear(s, x, g.Square, g.Bias, Activation.GeluTanh), g.Square, g.Bias, Activation.Relu, residual: x),
        ["add"] = (g, s, x) => Operation.Add(s, x, Operation.Linear(s, x, g.Square)),
        ["add the other way round"] = (g, s, x) => Operation.Add(s, Operation.Linear(s, x, g.Square), x),
        ["add to itself"] = (g, s, x) => Operation.Add(s, x, x),
        ["add, and use both again"] = (g, s, x) =>
        {
            var y = Operation.Linear(s, x, g.Square, g.Bias);
            var z = Operation.LayerNorm(s, x, g.Gain, g.Bias, 1e-5);
            return Operation.Add(s, Operation.Add(s, x, y), Operation.Add(s, z, y));
        },
        ["activate"] = (g, s, x) => Operation.Activate(s, Operation.Activate(s, x, Activation.GeluTanh), Activation.Gelu),
        ["dropout"] = (g, s, x) => Operation.Add(s, Operation.Dropout(s, x, s.Dropout(0.4, 2, T)), x),
        ["layer norm"] = (g, s, x) => Operation.LayerNorm(s, x, g.Gain, g.Bias, 1e-5),
        ["layer norm without bias, used twice"] = (g, s, x) =>
            Operation.LayerNorm(s, Operation.LayerNorm(s, x, g.Gain, null, 1e-5), g.Gain, null, 1e-5),
        ["attention"] = (g, s, x) =>
        {
            var (q, k, v) = Operation.SplitColumns(s, Operation.Linear(s, x, g.Triple), C, C);
            return Operation.Attention(s, OneHead, q, k, v, s.Dropout(0.2, 3, 2 * T));
        },
        ["attention and more to keys"] = (g, s, x) =>
        {
            var (q, k, v) = Operation.SplitColumns(s, Operation.Linear(s, x, g.Triple), C, C);
            var y = Operation.Attention(s, OneHead, q, k, v);
            return Operation.Add(s, y, Operation.Linear(s, k, g.Square));
        },
        ["RMS norm"] = (g, s, x) => Operation.RmsNorm(s, Operation.RmsNorm(s, x, g.Gain, 1e-5), g.Gain, 1e-5),
        ["RMS norm of two heads"] = (g, s, x) => Operation.Add(s, x, Operation.RmsNorm(s, x, g.HalfGain, 1e-5)),
        ["gate"] = (g, s, x) => Operation.Gate(s, Operation.Linear(s, x, g.Double, null), Activation.Silu),
        ["gate, and its input used again"] = (g, s, x) =>
        {
            var packed = Operation.Linear(s, x, g.Double);
            var y = Operation.Gate(s, packed, Activation.GeluTanh);
            return Operation.Add(s, y, Operation.Gate(s, Operation.Activate(s, packed, Activation.Silu), Activation.Gelu));
        },
        ["attention with rotary positions"] = (g, s, x) =>
        {
            var (q, k, v) = Operation.SplitColumns(s, Operation.Linear(s, x, g.Triple), C, C);
            (q, k) = (Operation.Rotate(s, q, g.PositionIndices, g.Angles), Operation.Rotate(s, k, g.PositionIndices, g.Angles));
            return Operation.Attention(s, OneHead with { HeadCount = 3, KeyHeadCount = 3, HeadSize = C / 3 }, q, k, v);
        },
        ["attention with norms, rotary positions and a window"] = (g, s, x) =>
        {
            var (q, k, v) = Operation.SplitColumns(s, Operation.Linear(s, x, g.Triple), C, C);
            (q, k) = (Operation.RmsNorm(s, q, g.ThirdGain, 1e-5), Operation.RmsNorm(s, k, g.ThirdGain, 1e-5));
            (q, k) = (Operation.Rotate(s, q, g.PositionIndices, g.Angles), Operation.Rotate(s, k, g.PositionIndices, g.Angles));
            return Operation.Attention(s, OneHead with { HeadCount = 3, KeyHeadCount = 3, HeadSize = C / 3, Window = 2 }, q, k, v);
        },
        ["a part that nothing uses"] = (g, s, x) =>
        {
            var (q, _, v) = Operation.SplitColumns(s, Operation.Linear(s, x, g.Triple), C, C);
            return Operation.Add(s, q, v);
        },
        ["a branch that nothing uses"] = (g, s, x) =>
        {
            Operation.Activate(s, Operation.Linear(s, x, g.Square, g.Bias), Activation.Relu);
            return x;
        },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Gradients_are_those_of_finite_differences(string name)
    {
        using var graph = new Graph(All[name]);
        var gradients = graph.Differentiate();
        var values = graph.Read(graph.Parameters.Values);
        foreach (var parameter in graph.Parameters.Parameters)
        {
            for (var i = parameter.Offset; i < parameter.Offset + parameter.Count; i++)
            {
                var difference = (graph.LossAt(values, i, H) - graph.LossAt(values, i, -H)) / (2 * H);
                Assert.True(
                    Math.Abs(difference - gradients[i]) <= Tolerance * Math.Max(1, Math.Abs(difference)),
                    $"{parameter.Name}[{i - parameter.Offset}]: {gradients[i]} by the tape, {difference} by differences.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_second_pass_over_the_same_memory_gives_the_same_gradients(string name)
    {
        using var graph = new Graph(All[name]);
        Assert.Equal(graph.Differentiate(), graph.Differentiate());
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void What_is_computed_again_has_the_gradients_of_what_is_kept_to_the_bit_and_announces_them_in_the_same_order(string name)
    {
        using var kept = Twice((step, x, section) => section.Forward(step, x, default));
        using var recomputed = Twice((step, x, section) => Operation.Recompute(step, x, section, default));
        for (var step = 0; step < 3; step++)
        {
            Assert.Equal(kept.Differentiate(passes: 2), recomputed.Differentiate(passes: 2), BitComparer.Instance);
            Assert.Equal(kept.Finished, recomputed.Finished);
        }

        // The same parameters in several sections, one right behind another that takes other room, inputs that something else uses too, one that is
        // columns of another, and a result that nothing uses.
        Graph Twice(Func<Step, Tensor, ISection, Tensor> run) => new((g, step, x) =>
        {
            var section = new Section(g, All[name]);
            var y = run(step, x, section); // (B, T, C)
            y = run(step, y, new Section(g, (_, again, z) => Operation.LayerNorm(again, z, g.Gain, null, 1e-5))); // (B, T, C)
            run(step, y, section);
            var (a, b, _) = Operation.SplitColumns(step, Operation.Linear(step, y, g.Triple), C, C); // (B, T, C) each
            return Operation.Add(step, Operation.Add(step, y, run(step, b, section)), Operation.Add(step, b, a));
        });
    }

    [Fact]
    public void What_is_computed_again_cannot_contain_such_a_thing_itself()
    {
        using var graph = new Graph((g, s, x) => Operation.Recompute(
            s, x, new Section(g, (_, _, inside) => Operation.Recompute(s, inside, new Section(g, All["linear"]), default)), default));
        var refusal = Assert.Throws<InvalidOperationException>(() => graph.Differentiate());
        Assert.Equal("A section that is computed again cannot contain another.", refusal.Message);
    }

    [Fact]
    public void Two_micro_batches_add_up()
    {
        using var graph = new Graph(All["attention"]);
        var once = graph.Differentiate();
        var twice = graph.Differentiate(passes: 2);
        Assert.All(once.Zip(twice), pair => Assert.Equal(2 * pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void A_tensor_that_no_tape_recorded_has_no_place_for_a_gradient()
    {
        using var graph = new Graph(All["linear"]);
        using var arena = new Arena(graph.Kernels);
        var step = new Step(graph.Kernels, arena);
        var refusal = Assert.Throws<InvalidOperationException>(
            () => new Tape(graph.Gradients).Target(step, step.Allocate(new Shape(B, T, C)), out _));
        Assert.Equal("A tensor (2, 5, 6) has no place for a gradient: no tape recorded it.", refusal.Message);
    }

    [Fact]
    public void A_parameter_that_nothing_uses_has_the_gradient_zero_whatever_was_there_before()
    {
        using var graph = new Graph(All["linear"]);
        graph.Kernels.Fill(graph.Gradients.Buffer.View(1, (int)graph.Gradients.Buffer.Count), double.NaN);
        var gradients = graph.Differentiate();
        Assert.All(Enumerable.Range((int)graph.Triple.Offset, (int)graph.Triple.Count), i => Assert.Equal(0, gradients[i]));
    }

    private sealed class Section(Graph graph, Func<Graph, Step, Tensor, Tensor> body) : ISection
    {
        public Tensor Forward(Step step, Tensor x, TokenBatch batch) => body(graph, step, x);
    }

    /// <summary>Tokens → embedding → the graph under test → head loss.</summary>
    private sealed class Graph : IDisposable
    {
        private readonly Func<Graph, Step, Tensor, Tensor> _body;
        private readonly Arena _arena;
        private readonly Tape _tape;
        private readonly TokenBatch _batch;
        private readonly MatrixView _targets;
        private readonly MatrixView _weights;
        private readonly MatrixView _losses;
        private readonly Parameter _tokens;
        private readonly Parameter _positions;

        public Graph(Func<Graph, Step, Tensor, Tensor> body)
        {
            _body = body;
            Parameters = new ParameterStore(Kernels);
            _tokens = Add("tokens", V, C, WeightLayout.OutputByInput);
            _positions = Add("positions", T, C, WeightLayout.OutputByInput);
            Square = Add("square", C, C);
            Triple = Add("triple", C, 3 * C);
            Double = Add("double", C, 2 * C);
            Gain = Parameters.AddVector("gain", C, Initialization.Normal(0.5));
            HalfGain = Parameters.AddVector("half gain", C / 2, Initialization.Normal(0.5));
            ThirdGain = Parameters.AddVector("third gain", C / 3, Initialization.Normal(0.5));
            Bias = Parameters.AddVector("bias", C, Initialization.Normal(0.5));
            Parameters.Initialize(3);
            Gradients = new GradientStore(Parameters);
            _tape = new Tape(Gradients) { GradientFinished = parameter => Finished.Add(parameter.Name) };
            _arena = new Arena(Kernels);

            int[] tokens = [1, 3, 0, 6, 3, 2, 2, 5, 4, 1], targets = [3, 0, -1, 3, 6, 2, 5, 4, 1, 0];
            _batch = new TokenBatch(Column(tokens), Column([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]), B, T);
            _targets = Column(targets);
            Angles = Kernels.Allocate(DType.Float64, 2 * T).View(T, 2);
            Kernels.Write<double>(Angles, [.. Enumerable.Range(0, T).SelectMany(p => new[] { Math.Cos(0.7 * p), Math.Sin(0.7 * p) })]);
            _weights = Kernels.Allocate(DType.Float64, B * T).View(B * T, 1);
            _losses = Kernels.Allocate(DType.Float64, B * T).View(B * T, 1);
            Kernels.Write<double>(_weights, [.. Enumerable.Range(1, B * T).Select(i => 0.1 * i)]);
        }

        public IKernels Kernels { get; } = new ReferenceKernels<double>();

        public ParameterStore Parameters { get; }

        public GradientStore Gradients { get; }

        public Parameter Square { get; }

        public Parameter Triple { get; }

        public Parameter Double { get; }

        public Parameter Gain { get; }

        public Parameter HalfGain { get; }

        public Parameter ThirdGain { get; }

        /// <summary>Cosine and sine of some angle for each position.</summary>
        public MatrixView Angles { get; }

        public MatrixView PositionIndices => _batch.Positions;

        public Parameter Bias { get; }

        /// <summary>Names of parameters in the order in which the last differentiation completed their gradients.</summary>
        public List<string> Finished { get; } = [];

        public double[] Differentiate(int passes = 1)
        {
            Gradients.Begin();
            Finished.Clear();
            for (var pass = 0; pass < passes; pass++)
            {
                _arena.Reset();
                _tape.Clear();
                var step = new Step(Kernels, _arena) { Tape = _tape, IsTraining = true, Seed = 5 };
                Forward(step);
                _tape.Backward(step);
            }

            Gradients.End();
            return Read(Gradients.Buffer);
        }

        public double LossAt(double[] values, long index, double change)
        {
            double[] changed = [.. values];
            changed[index] += change;
            Kernels.Write<double>(Parameters.Values.View(1, changed.Length), changed);
            Parameters.Invalidate();
            _arena.Reset();
            Forward(new Step(Kernels, _arena) { IsTraining = true, Seed = 5 });
            var losses = new double[B * T];
            Kernels.Read<double>(_losses, losses);
            return losses.Sum();
        }

        public double[] Read(DeviceBuffer buffer)
        {
            var values = new double[buffer.Count];
            Kernels.Read<double>(buffer.View(1, values.Length), values);
            return values;
        }

        public void Dispose()
        {
            Parameters.Dispose();
            Gradients.Dispose();
            _arena.Dispose();
            Kernels.Dispose();
        }

        private void Forward(Step step)
        {
            var x = Operation.Embed(step, _batch, _tokens, _positions); // (B, T, C)
            Operation.HeadLoss(step, _body(this, step, x), _tokens, null, _targets, _weights, _losses);
        }

        private Parameter Add(string name, int rows, int columns, WeightLayout layout = WeightLayout.InputByOutput)
            => Parameters.Add(new ParameterDescription
            {
                Name = name,
                Rows = rows,
                Columns = columns,
                Layout = layout,
                Initialization = Initialization.Normal(0.7),
            });

        private MatrixView Column(int[] values)
        {
            var view = Kernels.Allocate(DType.Int32, values.Length).View(values.Length, 1);
            Kernels.Write<int>(view, values);
            return view;
        }
    }
}
