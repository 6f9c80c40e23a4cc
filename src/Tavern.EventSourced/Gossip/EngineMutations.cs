namespace Tavern.EventSourced.Gossip;

/// <summary>Parts of the protocol switched off, to see that its tests notice. No option leads here: only simulations and tests can.</summary>
internal sealed record EngineMutations
{
    /// <summary>The protocol as it is.</summary>
    public static EngineMutations None { get; } = new();

    /// <summary>Asks several peers for the same at a time.</summary>
    public bool WithoutReservation { get; init; }

    /// <summary>Never calls again who is suspected or dead.</summary>
    public bool WithoutCallsToSilentPeers { get; init; }

    /// <summary>Advertises and sends what no commit has made durable.</summary>
    public bool AdvertisesBeforeCommit { get; init; }

    /// <summary>Compares clocks by sequences alone: two lines of one chain look the same.</summary>
    public bool WithoutHeadHash { get; init; }

    /// <summary>Goes on in the same epoch although the log is known to be behind.</summary>
    public bool WithoutNewEpoch { get; init; }
}
