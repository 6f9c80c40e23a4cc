namespace Tavern.EventSourced.Gossip;

/// <summary>How well this agent itself seems to hear and be heard: it blames others the more slowly, the worse (Lifeguard, Dadgar 2018,
/// arXiv 1707.00788: local health multiplier). Worse with each probe that nobody helped with and each suspicion of itself that it
/// has to refute; better with each call that is answered.</summary>
internal sealed class LocalHealth
{
    private const int ScoreMax = 8; // as in Lifeguard: nine times the usual patience at most

    private int _score;

    /// <summary>What waiting times are multiplied by, 1 to 9.</summary>
    public int Patience => 1 + _score;

    /// <summary>Something says that the fault may be here.</summary>
    public void Worse() => _score = Math.Min(_score + 1, ScoreMax);

    /// <summary>A call was answered.</summary>
    public void Better() => _score = Math.Max(_score - 1, 0);
}
