using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class SkippedStepTests
{
    [Fact]
    public void After_a_skipped_step_Adam_goes_on_as_if_the_step_had_never_been()
    {
        var skipped = Train(trainer =>
        {
            Assert.False(trainer.Run(damage: true).IsApplied);
            Assert.Equal((2, 1), (trainer.Trainer.Step, trainer.Trainer.Updates));
        });
        Assert.Equal(skipped, Train(trainer => trainer.Trainer.ContinueFrom(step: 2, updates: 1)));

        // Another bias correction would be seen.
        Assert.NotEqual(skipped, Train(trainer => trainer.Trainer.ContinueFrom(step: 2, updates: 2)));
    }

    // A step, something else, and two more steps; returns weights and moments.
    private static float[] Train(Action<Session> between)
    {
        using var session = new Session();
        Assert.True(session.Run().IsApplied);
        between(session);
        var updates = session.Trainer.Updates;
        Assert.True(session.Run().IsApplied);
        Assert.True(session.Run().IsApplied);
        Assert.Equal((4, updates + 2), (session.Trainer.Step, session.Trainer.Updates));
        return session.Read();
    }

    private sealed class Session : IDisposable
    {
        private readonly Gpt _model;

        public Session()
        {
            _model = new Gpt(TinyTraining.Model, CpuKernels.Create(new CpuOptions { ThreadCount = 2 }));
            _model.Parameters.Initialize(1);
            Trainer = new Trainer(_model, TinyTraining.Data, TinyTraining.Options);
        }

        public Trainer Trainer { get; }

        /// <summary>A step, in which a gain may be damaged; it is sound again afterwards.</summary>
        public StepResult Run(bool damage = false)
        {
            var kernels = _model.Parameters.Kernels;
            var gain = _model.Parameters.Parameters.Single(parameter => parameter.Name == "ln_f.weight");
            var before = new float[gain.Count];
            kernels.Read<float>(gain.Value, before);
            if (damage)
            {
                kernels.Fill(gain.Value, double.NaN);
            }

            var result = Trainer.TrainStep();
            if (damage)
            {
                kernels.Write<float>(gain.Value, before);
                _model.Parameters.Invalidate();
            }

            return result;
        }

        public float[] Read()
        {
            var kernels = _model.Parameters.Kernels;
            return
            [
                .. TinyTraining.Read(kernels, _model.Parameters.Values),
                .. TinyTraining.Read(kernels, Trainer.Optimizer.FirstMoments),
                .. TinyTraining.Read(kernels, Trainer.Optimizer.SecondMoments),
            ];
        }

        public void Dispose()
        {
            Trainer.Dispose();
            _model.Dispose();
            _model.Parameters.Kernels.Dispose();
        }
    }
}
