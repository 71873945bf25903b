using Inkling.Generation;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

using var kernels = CpuKernels.Create();
var settings = new RunSettings
{
    CorpusPath = "mytext.txt",
    Model = GptPresets.Shapes["nano"],
    Training = Recipes.ByPreset["nano"] with { Steps = 300, EvaluateEvery = 100 },
};
using var run = TrainingRun.Start(settings, settings.OpenCorpus(), "runs/mytext", kernels);
foreach (var evaluated in run.Continue().OfType<Evaluated>())
    Console.WriteLine($"step {evaluated.Step}: {evaluated.ValidationLoss:F3} nats per character");

using var generator = new Generator(run.Model);
foreach (var text in generator.Generate(run.Tokenizer.Encode("the "), new GenerationOptions { TokenCount = 200 }).ToText(run.Tokenizer))
    Console.Write(text);
