using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>What an agent remembers of another. Never trusted across the other's restart, never needed for correctness.</summary>
internal sealed class Peer(AgentId id)
{
    /// <summary>Who.</summary>
    public AgentId Id { get; } = id;

    /// <summary>The incarnation that all of this is about.</summary>
    public ulong Incarnation { get; private set; }

    /// <summary>Whether it answers, as far as anybody knows.</summary>
    public PeerHealth Health { get; } = new();

    /// <summary>Position of the own log up to which the peer has everything except <see cref="Owed"/>; 0 when unknown.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Chains of which the peer had less when last compared; told again until it agrees.</summary>
    public HashSet<ChainId> Owed { get; } = [];

    /// <summary>Recent entries did not explain a difference: compare the full clock, page by page.</summary>
    public bool NeedsPages { get; set; }

    /// <summary>Differences in a row that recent entries did not explain while this agent's clock moved during the exchange.</summary>
    public int UnexplainedWhileMoving { get; set; }

    /// <summary>Where the next page starts.</summary>
    public ClockClaim? PageAfter { get; set; }

    /// <summary>Equal exchanges since the last full comparison by hash.</summary>
    public int EqualExchanges { get; set; }

    /// <summary>Fingerprints were equal at the end of the last exchange.</summary>
    public bool Agreed { get; private set; }

    /// <summary>An exchange with it that this agent started is under way.</summary>
    public bool IsBusy { get; set; }

    /// <summary>No exchanges with it, in either direction.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Smoothed time of a call.</summary>
    public TimeSpan RoundTrip { get; private set; }

    /// <summary>End of the last exchange that worked, wall clock.</summary>
    public DateTimeOffset? LastSuccess { get; private set; }

    /// <summary>The last that did not.</summary>
    public DateTimeOffset? LastFailure { get; private set; }

    /// <summary>Failures since the last success.</summary>
    public int FailuresInARow { get; private set; }

    /// <summary>The last one since the last success, its reason, and how many of its kind; null while calls work.</summary>
    public Receipt? Failure { get; private set; }

    /// <summary>Not to be called before this.</summary>
    public TimeSpan NextAttempt { get; private set; }

    /// <summary>When it was chosen last, counted in choices; 0 for never.</summary>
    public long ChosenAt { get; set; }

    /// <summary>Takes note of the peer's incarnation; forgets everything, and returns true, when it is of another start.</summary>
    public bool Meet(ulong incarnation)
    {
        if (Gossip.Incarnation.StartOf(incarnation) == Gossip.Incarnation.StartOf(Incarnation)) return false;
        Incarnation = incarnation;
        Confirmed = 0;
        Owed.Clear();
        (NeedsPages, PageAfter, UnexplainedWhileMoving, EqualExchanges, Agreed) = (false, null, 0, 0, false);
        return true;
    }

    /// <summary>The peer has everything up to a position, except what it is owed. Two exchanges with it may be under way, one started by
    /// each: what the one with the later position found owed stays so when the other, which knows nothing of it, ends after it.</summary>
    public void Confirm(long position, IEnumerable<ChainId> owed, bool agreed)
    {
        if (position >= Confirmed) Owed.Clear();
        UnexplainedWhileMoving = 0;
        Confirmed = Math.Max(Confirmed, position);
        Owed.UnionWith(owed);
        Agreed = agreed;
    }

    /// <summary>A comparison found a difference.</summary>
    public void Differ() => Agreed = false;

    /// <summary>A call was answered.</summary>
    public void Succeeded(DateTimeOffset wall, TimeSpan roundTrip)
    {
        LastSuccess = wall;
        (FailuresInARow, Failure, NextAttempt) = (0, null, TimeSpan.Zero);
        if (roundTrip > TimeSpan.Zero) RoundTrip = RoundTrip == TimeSpan.Zero ? roundTrip : (RoundTrip * 7 + roundTrip) / 8;
    }

    /// <summary>A call was not answered, or refused.</summary>
    public void Failed(Receipt failure, TimeSpan now, TimeSpan retryMax)
    {
        (LastFailure, Failure) = (failure.At, failure);
        FailuresInARow++;
        var wait = TimeSpan.FromMilliseconds(250) * Math.Pow(2, Math.Min(FailuresInARow - 1, 16));
        NextAttempt = now + (wait < retryMax ? wait : retryMax);
    }
}
