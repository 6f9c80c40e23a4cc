using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Hosting;

// New agents: on this node, or by invitation on another.
public sealed partial class TavernNode
{
    private const int SeedsMax = 8; // enough that one of them lives

    /// <summary>Makes an agent that this node hosts from now on: a new key, and an event of its parent that vouches for it. A spawn that
    /// was cut short, so that the agent is hosted but nobody vouches for it, is finished by the next one of the same name.</summary>
    /// <param name="parent">A hosted agent.</param>
    /// <param name="name">The name people type.</param>
    /// <param name="role">What it is for; free text.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <returns>The new agent. It can write once it has heard the event, which takes an exchange with its parent.</returns>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="AgentNotHostedException">The parent is hosted elsewhere.</exception>
    /// <exception cref="TooManyHostedException">Over https the node can speak for no more agents.</exception>
    /// <exception cref="AppendRefusedException">Nobody is known to vouch for the parent yet. Nothing was written.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit; the message says whether the event may have been written.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only.</exception>
    public async ValueTask<AgentId> SpawnHereAsync(AgentId parent, string name, string? role, CancellationToken cancellationToken)
    {
        var running = Require(parent);
        RequireName(name);
        cancellationToken.ThrowIfCancellationRequested(); // from here on it is carried through: an event without its agent helps nobody
        await _hosting.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            return await FindUnfinishedAsync(name).ConfigureAwait(false) is { } begun
                ? await FinishAsync(parent, begun, role).ConfigureAwait(false)
                : await BeginAsync(running, parent, name, role).ConfigureAwait(false);
        }
        finally
        {
            _hosting.Release();
        }
    }

    /// <summary>First the key, then the file that says who is hosted, then the event, then the agent's engine. Whatever cuts this short
    /// leaves at worst an agent that nobody vouches for; an event whose agent lives nowhere could not be taken back.</summary>
    private async Task<AgentId> BeginAsync(Running running, AgentId parent, string name, string? role)
    {
        TooManyHostedException.ThrowIfOver(_file.Hosted.Length + 1, Options);
        var key = KeyFolder.Open(Options.KeysFolder).Create();
        var before = _file;
        var file = before with { Hosted = before.Hosted.Add(new HostedName(key.Agent, name)) };
        file.Write(Options.DataFolder);
        try
        {
            await VouchAsync(parent, key, name, role).ConfigureAwait(false);
        }
        catch (AppendRefusedException)
        {
            before.Write(Options.DataFolder); // nothing was written
            key.Dispose();
            throw;
        }
        catch (StoreUnavailableException)
        {
            await HostAsync(running, key, name, file).ConfigureAwait(false); // the event may still come
            throw;
        }

        await HostAsync(running, key, name, file).ConfigureAwait(false);
        return key.Agent;
    }

    private async Task<AgentId> FinishAsync(AgentId parent, HostedName begun, string? role)
    {
        using var key = KeyFolder.Open(Options.KeysFolder).Load(begun.Agent);
        await VouchAsync(parent, key, begun.Name, role).ConfigureAwait(false);
        return begun.Agent;
    }

    private async Task VouchAsync(AgentId parent, EcdsaSigner key, string name, string? role, DateTimeOffset? invitedUntil = null) => await AppendAsync(
        parent, [EventCatalogue.Draft(new AgentSpawned(key.Agent, name, key.PublicKey.ToArray(), role, invitedUntil))], AppendConditions.None, CancellationToken.None)
        .ConfigureAwait(false);

    private async Task HostAsync(Running running, EcdsaSigner key, string name, TavernFile file)
    {
        _parts.Answering.Add(key.Agent, key);
        running.Proofs.Add(key.Agent, key, []);
        _parts.History.Post(key.Agent);
        var agent = running.NewAgent(new HostedName(key.Agent, name), key, new RecoveredLog([], 0), true);
        await running.Loop.AskAsync<bool>(done => new LoopInput.Host(agent, done), CancellationToken.None).ConfigureAwait(false);
        _file = file;
    }

    /// <summary>The agent of a name that is hosted here though no log here says that anybody vouches for it.</summary>
    private ValueTask<HostedName?> FindUnfinishedAsync(string name) => History.ReadAsync(
        reader => _file.Hosted.FirstOrDefault(hosted => hosted.Name == name && reader.Holders.All(holder => reader.VoucherOf(holder, hosted.Agent) is null)),
        CancellationToken.None);

    /// <summary>Makes an agent for another node, with an invitation that may be used for a week.</summary>
    /// <inheritdoc cref="InviteAsync(AgentId, string, string?, TimeSpan, CancellationToken)"/>
    public ValueTask<Invitation> InviteAsync(AgentId parent, string name, string? role, CancellationToken cancellationToken) =>
        InviteAsync(parent, name, role, TimeSpan.FromDays(InviteAgent.ValidDaysDefault), cancellationToken);

    /// <summary>Makes an agent for another node: a new key, and an event of its parent that vouches for it.</summary>
    /// <param name="parent">A hosted agent.</param>
    /// <param name="name">The name people type.</param>
    /// <param name="role">What it is for; free text.</param>
    /// <param name="validFor">For how long the invitation may be used, by the clocks of those who let the newcomer in.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <returns>What the other node needs. It holds the new agent's private key; this node keeps no copy.</returns>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="AgentNotHostedException">The parent is hosted elsewhere.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only.</exception>
    public async ValueTask<Invitation> InviteAsync(AgentId parent, string name, string? role, TimeSpan validFor, CancellationToken cancellationToken)
    {
        Require(parent);
        RequireName(name);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validFor, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        using var key = EcdsaSigner.Create();
        await VouchAsync(parent, key, name, role, Options.Time.GetUtcNow() + validFor).ConfigureAwait(false);
        var path = await History.ReadAsync(reader => SpawnPath(reader, parent, key.Agent), CancellationToken.None).ConfigureAwait(false);
        return InvitationOf(parent, key.Agent, name, key, path);
    }

    /// <summary>Gives an agent whose key was lost a new one: an event of its ancestor that says so. The agent's node takes it up and begins a new
    /// epoch.</summary>
    /// <param name="ancestor">A hosted agent above it in the spawn tree; otherwise the event helps nobody.</param>
    /// <param name="agent">Whose key was lost.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <returns>What the agent's node needs. It holds the new private key; this node keeps no copy.</returns>
    /// <exception cref="AgentNotHostedException">The ancestor is hosted elsewhere.</exception>
    /// <exception cref="ArgumentException">The ancestor has no event of the agent's, so no key of it can be replaced.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only.</exception>
    public async ValueTask<Invitation> RekeyAsync(AgentId ancestor, AgentId agent, CancellationToken cancellationToken)
    {
        var running = Require(ancestor);
        cancellationToken.ThrowIfCancellationRequested();
        var last = await History.ReadAsync(reader => LastOf(reader, ancestor, agent), CancellationToken.None).ConfigureAwait(false)
            ?? throw new ArgumentException($"{ancestor} has heard no event of {agent}.", nameof(agent));
        using var key = EcdsaSigner.Create();
        var written = await AppendAsync(
            ancestor,
            [EventCatalogue.Draft(new AgentRekeyed(agent, key.PublicKey.ToArray(), last.Id.Sequence, last.Hash, last.Id.Epoch))],
            AppendConditions.None, CancellationToken.None).ConfigureAwait(false);
        var (path, rekeyed) = await History.ReadAsync(
            reader => (SpawnPath(reader, ancestor, agent), reader.Record(written[0])), CancellationToken.None).ConfigureAwait(false);
        var name = EventCatalogue.TryRead(path[^1], out var body) && body is AgentSpawned spawned ? spawned.Name : agent.ToString();
        var trail = await running.Loop.AskAsync<ImmutableArray<EventId>>(planned => new LoopInput.PlanTrail(agent, key.PublicKey, planned), CancellationToken.None).ConfigureAwait(false);
        return InvitationOf(ancestor, agent, name, key, path) with
        {
            Rekeyed = rekeyed,
            KeyTrail = await KeyTrails.ReadAsync(Store, trail, CancellationToken.None).ConfigureAwait(false),
        };
    }

    /// <summary>The last event of an agent's newest epoch in a log.</summary>
    private static EventRecord? LastOf(HistoryReader reader, AgentId holder, AgentId agent)
    {
        EventId? last = null;
        foreach (var (chain, sequence) in reader.Clock(holder).Entries)
            if (chain.Agent == agent) last = chain[sequence]; // sorted by epoch
        return last is { } id ? reader.Record(id) : null;
    }

    private Invitation InvitationOf(AgentId writer, AgentId agent, string name, EcdsaSigner key, ImmutableArray<EventRecord> path)
    {
        ImmutableArray<SeedAddress> here = [.. Hosted.OrderBy(hosted => hosted != writer).Select(hosted => new SeedAddress(hosted, GossipAddress!))];
        return new Invitation(
            1, Tavern, TavernName, Voucher.From(path[0])!.PublicKey.ToArray(), agent, name, key.ToPem(),
            [.. here.Concat(_file.Seeds).DistinctBy(seed => seed.Agent).Where(seed => seed.Agent != agent).Take(SeedsMax)], path);
    }

    private static void RequireName(string name)
    {
        if (!AgentName.IsValid(name))
            throw new ArgumentException($"'{name}' is not a name; expected 1 to {AgentName.CharsMax} letters, digits, '_' or '-', the first a letter or digit.", nameof(name));
    }

    /// <summary>The records that vouch for an agent, from the one that founds the tavern down.</summary>
    private static ImmutableArray<EventRecord> SpawnPath(HistoryReader reader, AgentId holder, AgentId agent)
    {
        var path = new List<EventRecord>();
        for (var child = agent; ;)
        {
            var voucher = reader.VoucherOf(holder, child) ?? throw new InvalidOperationException($"Nothing in the log of {holder} vouches for {child}.");
            path.Add(reader.Record(voucher));
            if (voucher.Agent == child) break; // the root vouches for itself
            child = voucher.Agent;
        }

        path.Reverse();
        return [.. path];
    }
}
