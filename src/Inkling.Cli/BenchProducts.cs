using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Tensors.Operations;

namespace Inkling.Cli;

/// <summary><c>inkling bench products</c>: the matrix products of a model's linear layers, one by one.</summary>
internal static class BenchProducts
{
    private const double SecondsPerProduct = 0.3;

    public static Command Create(Streams streams)
    {
        var json = new Option<bool>("--json") { Description = "A line of JSON per product" };
        var command = new Command("products", "Measures the products of a model's linear layers: y = x W, dx = dy Wt, dW = xt dy.") { json };
        var options = new BenchOptions(command);
        command.SetAction(parse =>
        {
            var (recipe, cpu) = options.Read(parse);
            using var kernels = CpuKernels.Create(cpu);
            var precision = recipe.Training.ResolvedFor(kernels).Precision;
            var peak = CpuPeaks.Products(precision, cpu);
            if (!parse.GetValue(json))
            {
                streams.Output.WriteLine($"{kernels.Description}, {Kebab.From(precision.ToString())}; peak {peak:N0} GFLOP/s");
                streams.Output.WriteLine($"{"layer",-10} {"product",-9} {"M",7} {"N",7} {"K",7} {"GFLOP/s",9} {"of peak",8}");
            }

            foreach (var layer in Layers(recipe))
            {
                foreach (var (product, gflops) in Measure(kernels, precision, layer))
                {
                    if (parse.GetValue(json))
                    {
                        streams.Output.WriteJsonLine(new JsonObject
                        {
                            ["name"] = $"{layer.Name} {product}",
                            ["m"] = layer.M,
                            ["n"] = layer.N,
                            ["k"] = layer.K,
                            ["gflops"] = gflops,
                            ["peakGflops"] = peak,
                            ["utilization"] = gflops / peak,
                        });
                    }
                    else
                    {
                        streams.Output.WriteLine(
                            $"{layer.Name,-10} {product,-9} {layer.M,7} {layer.N,7} {layer.K,7} {gflops,9:N1} {gflops / peak,8:P0}");
                    }
                }
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<Layer> Layers(Recipe recipe)
    {
        var model = recipe.Model;
        var tokens = checked(recipe.Training.EffectiveMicroBatchSize * model.ContextLength);
        var (width, heads, hidden) = (model.Width, model.HeadCount * model.EffectiveHeadSize, model.EffectiveFeedForwardWidth);
        yield return new Layer("attention", tokens, 3 * heads, width, WeightLayout.InputByOutput);
        yield return new Layer("projection", tokens, width, heads, WeightLayout.InputByOutput);
        yield return new Layer("expand", tokens, hidden, width, WeightLayout.InputByOutput);
        yield return new Layer("contract", tokens, width, hidden, WeightLayout.InputByOutput);
        yield return new Layer(
            "head", Math.Min(tokens, Operation.HeadChunkRows(model.VocabularySize)), model.VocabularySize, width, WeightLayout.OutputByInput);
    }

    private static IEnumerable<(string Product, double Gflops)> Measure(IKernels kernels, Precision precision, Layer layer)
    {
        var (_, M, N, K, layout) = layer;
        var (weightRows, weightColumns) = layout == WeightLayout.InputByOutput ? (K, N) : (N, K);
        using var memory = kernels.Allocate(kernels.Real, ((long)M * K) + ((long)M * N) + ((long)N * K));
        var x = new MatrixView(memory, 0, M, K, K);
        var y = new MatrixView(memory, x.Count, M, N, N);
        var w = new MatrixView(memory, x.Count + y.Count, weightRows, weightColumns, weightColumns);
        var key = new RandomKey(0, RandomPurpose.Initialization, 0, 0);
        kernels.FillNormal(x, 1, key);
        kernels.FillNormal(w, 1, key);
        using var weight = kernels.Prepare(w, layout, precision);
        yield return ("forward", Time(() => kernels.Linear(new LinearArguments { X = x, Weight = weight, Y = y })));
        yield return ("input", Time(() => kernels.LinearBackwardInput(y, weight, x, accumulate: false)));
        yield return ("weight", Time(() => kernels.LinearBackwardWeight(x, y, w, layout, precision, accumulate: false)));

        double Time(Action product)
        {
            Once();
            Once();
            return 2.0 * M * N * K / BenchCommand.MedianSeconds(Once, SecondsPerProduct, least: 5) / 1e9;

            void Once()
            {
                product();
                kernels.Read(x.SliceRows(0, 1).SliceColumns(0, 1), new float[1].AsSpan());
            }
        }
    }

    /// <summary>A product y (M, N) = x (M, K) times a weight.</summary>
    private sealed record Layer(string Name, int M, int N, int K, WeightLayout Layout);
}
