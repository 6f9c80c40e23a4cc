using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What a node's disks say about the numbers that its agents may have used, and where it writes that down.</summary>
internal sealed class Numbers(NodeOptions options, Hash tavern)
{
    private readonly LeaseFolder _leases = new(KeyFolder.Open(options.KeysFolder).Path);
    private readonly FileMark? _found = FileMark.Of(NodeStore.PathIn(options.DataFolder)); // before it is opened
    private readonly HashSet<AgentId> _marked = []; // agents that have to begin a new epoch before the mark may go

    /// <summary>The epoch an agent is in, and what its guard is told.</summary>
    /// <exception cref="KeyFolderException">The agent's lease is damaged.</exception>
    public (int Epoch, GuardStart Guard) Of(AgentId agent, IReadOnlyList<Run> log, bool isInvited, IEnumerable<AgentId> sameStore)
    {
        var lease = _leases.Read(agent) is { } read && read.Tavern == tavern ? read : null;
        var epoch = log.Where(run => run.Chain.Agent == agent).Select(run => run.Chain.Epoch).Append(lease?.Epoch ?? 1).Max();
        var head = log.Where(run => run.Chain == new ChainId(agent, epoch)).Select(run => run.Last).DefaultIfEmpty().Max();
        var used = lease?.Epoch == epoch ? lease.Used : 0;
        var wasReplaced = lease is { IsStopped: false, File: { } file } && _found is { } found && file != found.Identity;
        if (RestoreMark.IsSet(options.DataFolder)) _marked.Add(agent);
        return (epoch, new GuardStart([.. sameStore.Where(other => other != agent)])
        {
            Used = used,
            IsExact = lease is { IsStopped: true, State: { } state } && lease.Epoch == epoch && used == head && state == _found?.State,
            Lost = RestoreMark.IsSet(options.DataFolder) ? "the log in its data folder was gone, or was restored from a copy"
                : wasReplaced ? "its log is in another file than the one it wrote to last: a copy was put back"
                : null,
            WaitForPeers = options.WaitForPeers,
            IsInvited = isInvited && lease is null && log.All(run => run.Chain.Agent != agent) && !RestoreMark.IsSet(options.DataFolder),
        });
    }

    /// <summary>Writes a lease. When the method returns, it survives power loss.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public void Lease(AgentId agent, int epoch, long used, long through) => _leases.Write(new Lease(tavern, agent, epoch, used, through, Mark()?.Identity));

    /// <summary>After an orderly stop, when the store is closed: exactly so many were used. A disk that refuses costs only a question to other agents at the next start.</summary>
    public void Stopped(AgentId agent, int epoch, long used)
    {
        try
        {
            var mark = Mark();
            _leases.Write(new Lease(tavern, agent, epoch, used, used, mark?.Identity, IsStopped: true, mark?.State));
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

    private FileMark? Mark() => FileMark.Of(NodeStore.PathIn(options.DataFolder));
}
