namespace Inkling.Kernels;

/// <summary>
/// The narrow waist between the model and a device. Calls queue work in order and may return before it is done;
/// only <see cref="Read{T}"/> waits. Views passed in stay valid until then; spans are copied at once.
/// "Accumulate" means that the result is added to what the destination holds, otherwise that is overwritten.
/// Floating-point views have the element type <see cref="Real"/>, token ids and positions are <see cref="DType.Int32"/>.
/// </summary>
/// <remarks>
/// Every implementation keeps two laws. Order: a product adds its terms in the order of k (see <see cref="Precision"/> for the order of two neighbours), and each row's result
/// depends on that row alone, so the bits depend neither on the batch nor on the number of threads.
/// Chance: random words come from <see cref="Philox"/> alone.
/// One thread at a time may call. Operands that do not fit each other are an <see cref="ArgumentException"/>. A destination must not
/// overlap an input, except where an operation says so.
/// </remarks>
public interface IKernels : IDisposable
{
    /// <summary>What computes, for people: instruction set, precision, threads.</summary>
    string Description { get; }

    /// <summary>Type of every real number: <see cref="DType.Float32"/>, or <see cref="DType.Float64"/> for gradient checks.</summary>
    DType Real { get; }

    /// <summary>The precision whose products are the fastest; never <see cref="Precision.Auto"/>.</summary>
    Precision FastestPrecision { get; }

    /// <summary>Bytes of device memory held, workspaces included.</summary>
    long AllocatedBytes { get; }

    /// <summary>Allocates zero-filled memory.</summary>
    DeviceBuffer Allocate(DType type, long count);

    /// <summary>Copies <paramref name="source"/> into a view, row by row; <typeparamref name="T"/> must fit the buffer's type.</summary>
    void Write<T>(MatrixView destination, ReadOnlySpan<T> source)
        where T : unmanaged;

    /// <summary>Waits for everything queued, then copies a view out, row by row.</summary>
    void Read<T>(MatrixView source, Span<T> destination)
        where T : unmanaged;

    /// <summary>Sets every element; integers take the whole part.</summary>
    void Fill(MatrixView destination, double value);

    /// <summary>
    /// Draws a normal distribution of mean 0: elements 2i and 2i + 1 (row-major) are Box-Muller's pair from block i of row 0
    /// of <paramref name="key"/>, computed in double; blocks past 2^32 lie in further rows.
    /// </summary>
    void FillNormal(MatrixView destination, double standardDeviation, RandomKey key);

    /// <summary>Copies one view to another of the same size; they do not overlap, unless the destination lies before the source.</summary>
    void Copy(MatrixView source, MatrixView destination);

    /// <summary>Prepares a weight for <see cref="Linear"/> and <see cref="LinearBackwardInput"/>; the source stays the owner of the values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The precision is <see cref="Precision.Auto"/>.</exception>
    PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision);

    /// <summary>Says that the source of a prepared weight has changed.</summary>
    void Invalidate(PreparedWeight weight);

    /// <summary>Rows of a table: y[i] = table[indices[i]], y (M, C), indices (M, 1).</summary>
    void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate);

    /// <summary>Gradient of <see cref="Embed"/>: dTable[indices[i]] += dy[i], in the order of i. Without accumulate the table is cleared first.</summary>
    void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate);

    /// <summary>y = residual + dropout(activation(x·W + bias)).</summary>
    void Linear(in LinearArguments arguments);

    /// <summary>dx = dy·Wᵀ for y = x·W.</summary>
    void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate);

    /// <summary>dW = xᵀ·dy for y = x·W, laid out as <paramref name="layout"/> says; the sum runs over the rows in order.</summary>
    void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate);

    /// <summary>Column sums: db (1, N) = Σ rows of dy (M, N).</summary>
    void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate);

    /// <summary>y = f(x).</summary>
    void Activate(Activation activation, MatrixView x, MatrixView y);

    /// <summary>dx = f′(x)·dy; <paramref name="dx"/> may be <paramref name="dy"/>.</summary>
    void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx);

    /// <summary>y = f(gate)·up, all (M, F); gate and up may be columns of one matrix (Shazeer, "GLU Variants Improve Transformer", 2020).</summary>
    void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y);

    /// <summary>Gradient of <see cref="Gate"/>: overwrites dGate = f′(gate)·up·dy and dUp = f(gate)·dy, which may be columns of one matrix.</summary>
    void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp);

    /// <summary>y = a + b; y may be a or b.</summary>
    void Add(MatrixView a, MatrixView b, MatrixView y);

    /// <summary>y = x with some elements zeroed and the others scaled; its own gradient. y may be x.</summary>
    void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y);

    /// <summary>
    /// y = (x − mean)·r·gain + bias with r = 1/√(variance + epsilon), per row; <paramref name="statistics"/> (M, 2) receives
    /// mean and r. Gain and bias (1, C); the bias is optional (Ba et al., "Layer Normalization", 2016).
    /// </summary>
    void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics);

    /// <summary>
    /// Gradient of <see cref="LayerNorm"/>: dx (accumulated when <paramref name="accumulateInput"/>), dGain and, where not none,
    /// dBias (accumulated when <paramref name="accumulateParameters"/>).
    /// </summary>
    void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters);

    /// <summary>
    /// y = x·r·gain with r = 1/√(mean of x² + epsilon), x and y (M, G·C) and gain (1, C): every group of C columns by itself, as one for a block or
    /// one per head for its queries and keys; <paramref name="statistics"/> (M, G) receives r (Zhang and Sennrich, "Root Mean Square Layer
    /// Normalization", 2019).
    /// </summary>
    void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics);

    /// <summary>
    /// Gradient of <see cref="RmsNorm"/>: dx (accumulated when <paramref name="accumulateInput"/>) and dGain, the sum over rows and in a row over groups
    /// (accumulated when <paramref name="accumulateParameters"/>).
    /// </summary>
    void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters);

    /// <summary>
    /// Rotary positions: turns the pairs (i, i + D/2) of every head of D columns, x and y (M, H·D), by the angle of the row's position:
    /// y₁ = fma(x₂, −sin, x₁·cos), y₂ = fma(x₁, sin, x₂·cos). Positions (M, 1) are rows of the table (rows, D), whose first half of columns holds
    /// the cosines and whose second the sines, one of each per pair; y may be x (Su et al., "RoFormer", 2021; halves as in GPT-NeoX and Llama).
    /// </summary>
    void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y);

    /// <summary>
    /// Softmax attention: y (B·T, H·D) from q (B·T, H·D) and k, v (B·capacity, Hk·D). <paramref name="logSumExp"/> (B·H, T)
    /// receives what the gradient needs, the logarithm of the softmax's denominator; optional. Dropout acts on the weights. A value that a query does
    /// not see may enter with the weight 0: as long as all are finite it changes no bit.
    /// </summary>
    void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp);

    /// <summary>Gradient of <see cref="Attention"/>: overwrites dq, dk and dv, shaped as q, k and v.</summary>
    void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv);

    /// <summary>
    /// losses[i] = weights[i]·(ln Σⱼ exp(logits[i, j]) − logits[i, targets[i]]), all (M, 1); a target of −1 gives 0.
    /// Where <paramref name="dLogits"/> is not none it receives the gradient of Σ losses; it may be <paramref name="logits"/>.
    /// </summary>
    void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits);

    /// <summary>result (1, 1) = Σ elements, added in a fixed order in double.</summary>
    void Sum(MatrixView x, MatrixView result, bool accumulate);

    /// <summary>result (1, 1) = Σ squares of the elements, added in a fixed order: short runs in <see cref="Real"/>, those in double.</summary>
    void SumSquares(MatrixView x, MatrixView result, bool accumulate);

    /// <summary>
    /// Decides what the optimizer does, on the device: <paramref name="control"/> (1, 4) holds on entry (loss, Σ gradient²) and on exit
    /// (loss, gradient norm, 1 for an update or 0 for none, factor that clips the norm to <paramref name="clipNorm"/>). There is an update when
    /// the loss is finite and at most <paramref name="largestLoss"/>, which may be infinite, and the norm at most
    /// <see cref="AdamSettings.LongestGradient"/>. The factor is 1 without clipping: for 0, and without an update.
    /// </summary>
    void Guard(MatrixView control, double clipNorm, double largestLoss);

    /// <summary>
    /// One Adam or AdamW update of (1, n) views, skipped when <paramref name="control"/> says so, see <see cref="Guard"/>;
    /// the gradient is multiplied by the clip factor first.
    /// </summary>
    void Adam(in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control);
}
