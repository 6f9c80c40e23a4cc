using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>What an agent is doing, as the view has it.</summary>
public enum AgentState
{
    /// <summary>Nothing to do; also before it said anything.</summary>
    Idle,

    /// <summary>At work.</summary>
    Working,

    /// <summary>Blocked on somebody or something.</summary>
    Waiting,

    /// <summary>Done, as it says itself; see <see cref="AgentView.IsComplete"/>.</summary>
    Done,

    /// <summary>Ended for good.</summary>
    Retired,
}

/// <summary>Where an agent can be reached: absolute URIs, best first. Compared item by item.</summary>
public sealed record Endpoint(ImmutableArray<string> Addresses)
{
    /// <summary>True when both list the same addresses in the same order.</summary>
    public bool Equals(Endpoint? other) => other is not null && Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Addresses.Length == 0 ? 0 : Addresses[0].GetHashCode(StringComparison.Ordinal);
}

/// <summary>An agent's commitments in figures.</summary>
/// <param name="Verified">How many are verified.</param>
/// <param name="Counted">How many there are; one that was withdrawn before it was ever claimed is not counted.</param>
/// <param name="ChangedBy">The event that last changed one of the two.</param>
public readonly record struct CommitmentTally(int Verified, int Counted, EventId ChangedBy);

/// <summary>One agent as the tavern knows it. Its displayed name is in <see cref="TavernView.Names"/>.</summary>
/// <param name="Id">Who.</param>
/// <param name="SpawnedBy">The event that vouches for it.</param>
/// <param name="Role">What it is for; free text.</param>
public sealed record AgentView(AgentId Id, EventId SpawnedBy, string? Role)
{
    /// <summary>Idle until it says something.</summary>
    public required Field<AgentState> State { get; init; }

    /// <summary>One line it last said about its state; null when it never did.</summary>
    public Field<string?>? Note { get; init; }

    /// <summary>The task it works on, as it says; null when it never did, and with a null value when it works on none.</summary>
    public Field<EventId?>? Task { get; init; }

    /// <summary>Where it can be reached; null when it never said.</summary>
    public Field<Endpoint>? Endpoint { get; init; }

    /// <summary>Why it was retired, with the event that did; null while it is not.</summary>
    public Field<string?>? Retired { get; init; }

    /// <summary>The key that an ancestor gave it after it lost its own; null when none did.</summary>
    public Field<AgentId>? Rekeyed { get; init; }

    /// <summary>Its newest epoch, from 1, with the event that started it; null in epoch 1.</summary>
    public Field<int>? Epoch { get; init; }

    /// <summary>Its chains that have forked, by epoch: those of which the cut holds two lines, and those that somebody has shown a proof of.</summary>
    public ImmutableSortedDictionary<int, ForkView> Forks { get; init; } = ImmutableSortedDictionary<int, ForkView>.Empty;

    /// <summary>Proof that it wrote two records in one place, of its earliest fork that was shown; null when none was. The value is the place.</summary>
    public Field<EventId>? Fork => Forks.Values.Select(fork => fork.Proof).FirstOrDefault(proof => proof is not null);

    /// <summary>Per epoch, the hash of its first record that an ancestor vouched for last.</summary>
    public ImmutableSortedDictionary<int, Field<Hash>> Endorsed { get; init; } = ImmutableSortedDictionary<int, Field<Hash>>.Empty;

    /// <summary>Epochs of which nothing counts: an earlier one has forked, and nobody who may has endorsed them.</summary>
    public ImmutableSortedSet<int> Waiting { get; init; } = [];

    /// <summary>Its commitments in figures.</summary>
    public CommitmentTally Commitments { get; init; }

    /// <summary>True when it says it is done and every commitment it made is verified by an agent outside its subtree; it needs at
    /// least one. Done without this is a claim.</summary>
    public bool IsComplete => State.Value is AgentState.Done && Commitments.Counted > 0 && Commitments.Verified == Commitments.Counted;
}
