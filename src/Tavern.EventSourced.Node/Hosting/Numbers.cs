using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What a node's disks say about the numbers that its agents may have used, and where it writes that down.</summary>
internal sealed class Numbers(NodeOptions options, Hash tavern, bool storeWasLost)
{
    private readonly LeaseFolder _leases = new(KeyFolder.Open(options.KeysFolder).Path);
    private readonly HashSet<AgentId> _marked = []; // agents that have to begin a new epoch before the mark may go

    /// <summary>The epoch an agent is in, and what its guard is told.</summary>
    /// <exception cref="KeyFolderException">The agent's lease is damaged.</exception>
    public (int Epoch, GuardStart Guard) Of(AgentId agent, IReadOnlyList<Run> log, IEnumerable<AgentId> sameStore)
    {
        var lease = _leases.Read(agent) is { } read && read.Tavern == tavern ? read : null;
        var epoch = log.Where(run => run.Chain.Agent == agent).Select(run => run.Chain.Epoch).Append(lease?.Epoch ?? 1).Max();
        var head = log.Where(run => run.Chain == new ChainId(agent, epoch)).Select(run => run.Last).DefaultIfEmpty().Max();
        var used = lease?.Epoch == epoch ? lease.Used : 0;
        if (RestoreMark.IsSet(options.DataFolder)) _marked.Add(agent);
        return (epoch, new GuardStart([.. sameStore.Where(other => other != agent)])
        {
            Used = used,
            IsExact = lease?.Epoch == epoch && used == head && lease.Stopped is { } stopped && stopped == StopMark.Of(NodeStore.PathIn(options.DataFolder)),
            Lost = storeWasLost ? "the log of its data folder was gone"
                : RestoreMark.IsSet(options.DataFolder) ? "its data folder is marked as restored from a copy"
                : null,
            WaitForPeers = options.WaitForPeers,
        });
    }

    /// <summary>Writes a lease. When the method returns, it survives power loss.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public void Lease(AgentId agent, int epoch, long used, long through) => _leases.Write(new Lease(tavern, agent, epoch, used, through));

    /// <summary>After an orderly stop: exactly so many were used. A disk that refuses costs only a question to other agents at the next start.</summary>
    public void Stopped(AgentId agent, int epoch, long used)
    {
        try
        {
            _leases.Write(new Lease(tavern, agent, epoch, used, used, StopMark.Of(NodeStore.PathIn(options.DataFolder))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The lease stays as it was: true, though less exact.
        }
    }

    /// <summary>An agent's new epoch has begun. Once all that needed one have one, what the mark was for is done.</summary>
    public void EpochBegan(AgentId agent)
    {
        if (_marked.Remove(agent) && _marked.Count == 0) RestoreMark.Clear(options.DataFolder);
    }
}
