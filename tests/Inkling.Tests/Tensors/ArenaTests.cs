using Inkling.Kernels.Reference;
using Inkling.Tensors;

namespace Inkling.Tests.Tensors;

public sealed class ArenaTests
{
    /// <summary>More than the first block, so that a step needs several, with gaps at their ends.</summary>
    [Fact]
    public void The_one_piece_of_the_second_step_is_just_as_high_as_the_first_step_was()
    {
        using var arena = new Arena(new ReferenceKernels<float>());
        for (var step = 0; step < 3; step++)
        {
            arena.Reset();
            arena.Allocate(100, 401);
            var mark = arena.Mark();
            arena.Allocate(300, 400);
            arena.Allocate(300, 400);
            arena.Release(mark);
            arena.Allocate(500, 400);
        }

        // Views begin on cache lines: 40,100 elements take 40,112. The two in the middle made way for less.
        Assert.Equal((40_112 + 240_000) * sizeof(float), arena.AllocatedBytes);
    }
}
