using System.Diagnostics;
using Inkling.Formats;
using Inkling.Kernels.Reference;
using Inkling.Models;

namespace Inkling.Tests.Formats;

/// <summary>Damages files at random, from a fixed seed, and demands that a folder loads or is refused, within limits of time and memory.</summary>
public sealed class MutationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_folders_load_or_are_refused_with_one_kind_of_error()
    {
        using var kernels = new ReferenceKernels<float>();
        using (var model = TinyGpt.Create(kernels, TinyGpt.Config with { LayerCount = 1, Biases = BiasPlacement.None }))
        {
            ModelFolder.Save(_folder.Path, model, TinyGpt.Tokenizer);
            File.Delete(_folder["manifest.json"]); // it would refuse everything
        }

        string[] names = ["model.safetensors", "config.json", "inkling.json"];
        var originals = names.ToDictionary(name => name, name => File.ReadAllBytes(_folder[name]));
        var (random, clock, refused) = (new Random(20_250_101), Stopwatch.StartNew(), 0);
        while (clock.Elapsed.TotalSeconds < 3)
        {
            var name = names[random.Next(names.Length)];
            var mutant = Mutate(originals[name], random);
            File.WriteAllBytes(_folder[name], mutant);
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), clock.Elapsed);
            try
            {
                ModelFolder.Load(_folder.Path, kernels).Dispose();
            }
            catch (ModelFormatException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
                Assert.True(e.Message.Length < 1_000, e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"{name} {Convert.ToHexString(mutant)} gave {e}");
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20, $"memory for {name} {Convert.ToHexString(mutant)}");
            Assert.True((clock.Elapsed - start).TotalSeconds < 1, $"time for {name} {Convert.ToHexString(mutant)}");
            File.WriteAllBytes(_folder[name], originals[name]);
        }

        Assert.True(refused > 100, $"only {refused} were refused");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var count = random.Next(1, 4); count > 0 && bytes.Count > 0; count--)
        {
            var at = random.Next(Math.Min(bytes.Count, 2_000));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(20, bytes.Count - at) + 1));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, Math.Min(20, bytes.Count - at) + 1)));
                    break;
                case 4:
                    bytes.InsertRange(at, "0123456789\"[]{},:-e\\"u8.ToArray().OrderBy(_ => random.Next()).Take(random.Next(1, 6)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
