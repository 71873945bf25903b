namespace Inkling.Generation;

/// <summary>
/// A token with the model's own opinion of it: probabilities are the softmax of the logits, before penalties, temperature and whatever cuts
/// tokens off, as in OpenAI's interface. So a token that was drawn may be improbable, and what was cut off is still named.
/// </summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Top">The most probable tokens in its place, the most probable first and equally probable ones by id; it may be among them.</param>
public sealed record GeneratedToken(int Token, double LogProbability, IReadOnlyList<TokenProbability> Top)
{
    /// <param name="token">The token that was chosen.</param>
    /// <param name="logits">Scores of all tokens (V).</param>
    /// <param name="topCount">Most probable tokens to name.</param>
    internal static GeneratedToken FromLogits(int token, ReadOnlySpan<float> logits, int topCount)
    {
        var greatest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            greatest = Math.Max(greatest, logit);
        }

        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - (double)greatest);
        }

        var logSum = Math.Log(sum);
        var top = new List<TokenProbability>();
        for (var i = 0; i < logits.Length; i++)
        {
            var candidate = new TokenProbability(i, LogProbability(logits[i]));
            var place = top.Count;
            while (place > 0 && top[place - 1].LogProbability < candidate.LogProbability)
            {
                place--;
            }

            if (place < topCount)
            {
                top.Insert(place, candidate);
                if (top.Count > topCount)
                {
                    top.RemoveAt(topCount);
                }
            }
        }

        return new GeneratedToken(token, LogProbability(logits[token]), top);

        // In this order, so that a great logit does not swallow the logarithm.
        double LogProbability(float logit) => logit - (double)greatest - logSum;
    }
}
