using Inkling.Cli;
using Inkling.Kernels.Cpu;
using Inkling.Models;

namespace Inkling.Tests.Cli;

public sealed class AdviceTests
{
    private static readonly MachineFacts Good = new()
    {
        Architecture = System.Runtime.InteropServices.Architecture.X64,
        Supported = [InstructionSet.Vector512, InstructionSet.Vector256, InstructionSet.Vector128],
        InstructionSet = InstructionSet.Vector512,
        ThreadCount = 4,
        ProcessorCount = 4,
        InstalledProcessorCount = 4,
        LoadAverage = 0.3,
        MemoryBytes = 16_000_000_000,
        FreeDiskBytes = 50_000_000_000,
    };

    [Fact]
    public void A_good_machine_needs_no_advice() => Assert.Empty(Advice.For(Good));

    [Fact]
    public void Four_numbers_at_once_are_what_ARM_has()
    {
        var narrow = Good with { Supported = [InstructionSet.Vector128], InstructionSet = InstructionSet.Vector128 };

        Assert.Empty(Advice.For(narrow with { Architecture = System.Runtime.InteropServices.Architecture.Arm64 }));
        Says("This processor has no AVX2, or the runtime may not use it; training runs in vectors of four numbers.", narrow);
    }

    [Fact]
    public void What_keeps_a_machine_from_its_best_is_named()
    {
        Says("vector512 is wider than vector256: leave out --instruction-set.", Good with { InstructionSet = InstructionSet.Vector256 });
        Says("1 of 4 processors are used: leave out --threads to use all.", Good with { ThreadCount = 1 });
        Says("8 threads share 4 processors and wait for each other: leave out --threads.", Good with { ThreadCount = 8 });
        Says("The system lets this process use 4 of 64 processors (a container's limit, or an affinity).", Good with { InstalledProcessorCount = 64 });
        Says("Other programs are busy (load 3.2 on 4 processors), so the measured peaks are too low.", Good with { LoadAverage = 3.2 });
        Says("1.00 GB of memory are less than the preset baby takes (3.09 GB): train it with --micro-batch-size 8.", Good with { MemoryBytes = 1_000_000_000 });
        Says("900 MB are free on this disk; a run keeps several copies of its model.", Good with { FreeDiskBytes = 900_000_000 });
    }

    [Fact]
    public void What_nobody_tells_is_no_reason_to_worry() => Assert.Empty(Advice.For(Good with { LoadAverage = null, FreeDiskBytes = null }));

    [Fact]
    public void The_parts_of_every_preset_add_up()
        => Assert.All(GptPresets.Shapes.Values, model =>
        {
            var (parts, cost) = (ModelPart.Of(model), new GptCost(model));
            Assert.Equal(cost.ParameterCount, parts.Sum(part => part.ParameterCount));
            Assert.Equal(cost.TrainingFlopsPerToken(model.ContextLength), parts.Sum(part => part.FlopsPerToken), 1e-3);
        });

    private static void Says(string sentence, MachineFacts machine) => Assert.Equal([sentence], Advice.For(machine));
}
