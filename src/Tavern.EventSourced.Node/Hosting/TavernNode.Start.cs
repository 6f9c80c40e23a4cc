using System.Collections.Immutable;
using System.Security.Cryptography;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

// The composition root: all parts of a node and how they hang together.
public sealed partial class TavernNode
{
    /// <summary>Starts a node: opens its store, rebuilds everything by replay, and only then listens and gossips. A failed sync of the
    /// disk, or another owner of the store, ends the process.</summary>
    /// <exception cref="NodeFileException">The folder holds no tavern.</exception>
    /// <exception cref="KeyFolderException">The key of a hosted agent is missing or open to others.</exception>
    /// <exception cref="StoreRefusedException">Another process holds the store (the message names it), or it is damaged.</exception>
    /// <exception cref="TooManyHostedException">The folder holds more agents than a node can speak for over https.</exception>
    /// <exception cref="AddressTakenException">The port to listen at is taken.</exception>
    public static async Task<TavernNode> StartAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        var file = TavernFile.Read(options.DataFolder);
        TooManyHostedException.ThrowIfOver(file.Hosted.Length, options);
        var keys = KeyFolder.Open(options.KeysFolder);
        var signers = file.Hosted.ToDictionary(hosted => hosted.Agent, hosted => keys.Load(hosted.Agent));
        var numbers = new Numbers(options, file.Tavern);
        var opened = await OpenAsync(options, file, cancellationToken).ConfigureAwait(false);
        NodeFile.Remove(options.DataFolder); // the folder is ours now; what a kill left there names nobody
        var store = options.Store?.Invoke(opened) ?? opened;
        ITransport? transport = null;
        NodeProofs? proofs = null;
        try
        {
            // From here on the agents use numbers: a start that finds no store must know that there was one.
            if (!file.Stored)
            {
                file = file with { Stored = true };
                file.Write(options.DataFolder);
            }

            // What the store says.
            var (index, peers, news, history) = (new SegmentIndex(), new PeerBook(), new NewsBoard(), new NodeHistory(store));
            var logs = await Recovery.ReplayAsync(store, file, history, index, peers, cancellationToken).ConfigureAwait(false);

            // What carries calls.
            var (incoming, verifier) = (new IncomingCalls(file.Tavern), new SharedVerifier());
            proofs = new NodeProofs(file.Tavern, (agent, key, trail) => Judge(file, peers, agent, key, trail, options.Time), verifier, options.Tell);
            foreach (var hosted in file.Hosted)
                proofs.Add(hosted.Agent, signers[hosted.Agent], await KeyTrails.OfAsync(hosted, signers[hosted.Agent].PublicKey, index, store, cancellationToken).ConfigureAwait(false));
            transport = await GossipListener.OpenAsync(options, proofs, LastAddress(file, logs, peers), incoming.HandleAsync, cancellationToken).ConfigureAwait(false);
            var outgoing = new OutgoingCalls(file.Tavern, transport, options.Time);
            var advertised = ListenAddress.Advertised(options, transport.Address!);

            // What decides, what waits beside it, and what commits.
            var stopping = new CancellationTokenSource();
            var outstanding = new Outstanding(End, stopping.Token);
            var cache = new SegmentCache(options.SegmentCacheBytesMax);
            var positions = await PositionBook.ReadAsync(store, file.Hosted, cancellationToken).ConfigureAwait(false);
            var queue = new AppendQueue(options.AppendQueueMax, options.AppendQueueBytesMax);
            var services = new LoopServices(
                outstanding, new FrameReader(file.Tavern, store, cache, peers, verifier, options.Tell), outgoing, new Committer(store, queue, options.Time, options.Tell),
                new CommitJoin(index, positions), positions, queue, store, cache, index, peers, numbers, options.Tell, NameOf, TurnAway, file.Seeds, history, news, options.Time);
            var engineVerifier = new EcdsaVerifier(); // the loop's own: engines run one at a time
            var (share, started) = (new NodeShare(options.RoundsPerSecondMax), options.Time.GetTimestamp());
            var agents = new List<HostedAgent>();
            foreach (var hosted in file.Hosted) agents.Add(NewAgent(hosted, signers[hosted.Agent], logs[hosted.Agent], isNewborn: false)); // no lambda: NewAgent lives on, and with it all that a lambda here names
            var loop = new NodeLoop(services, agents, advertised);

            // What people ask for.
            var answering = new Answering(file.Tavern, history, store, LookAsync, options.Time, options.PeersFoldMax);
            foreach (var (agent, signer) in signers) answering.Add(agent, signer);
            var asking = new Asking(file.Tavern, outgoing, loop.LocateAsync, answering, peers, verifier, options.Time);
            var appends = new Appends(loop, queue, store, options.Time, options.AppendWaitMax, outstanding);

            incoming.Open(loop, answering);
            var looping = Task.Run(() => loop.RunAsync(End, stopping.Token), CancellationToken.None);
            return new TavernNode(
                options, file, new NodeParts(store, history, verifier, answering, asking, LookAsync),
                new Running(loop, looping, transport, advertised, proofs, appends, queue, news, outstanding, stopping, NewAgent));

            HostedAgent NewAgent(HostedName hosted, EcdsaSigner signer, RecoveredLog log, bool isNewborn)
            {
                var (epoch, guard) = numbers.Of(hosted.Agent, log.Runs, file.Invited, file.Hosted.Select(other => other.Agent));
                ImmutableArray<AgentId> seeds = [.. file.Seeds.Select(seed => seed.Agent).Concat(file.Hosted.Select(other => other.Agent)).Where(agent => agent != hosted.Agent).Distinct()];
                var start = new EngineStart(file.Tavern, hosted.Agent, epoch, log.Runs, log.LastReceipt, seeds, Incarnation.AtStart(options.Time.GetUtcNow(), Random64()), options.Seed ^ (ulong)hosted.Agent.Value ?? Random64())
                {
                    Guard = guard with { IsNewborn = isNewborn },
                };
                return new HostedAgent(hosted.Agent, signer, new GossipEngine(options.Gossip, start, index, signer, engineVerifier, share), log.Runs, options.Time, started);
            }

            ValueTask<EngineStatus> LookAsync(AgentId agent, CancellationToken token) => loop.AskAsync<EngineStatus>(seen => new LoopInput.Look(agent, seen), token);

            string NameOf(AgentId agent) => file.Hosted.FirstOrDefault(hosted => hosted.Agent == agent)?.Name ?? $"Agent {agent}";

            void End(string message, Exception? exception)
            {
                if (exception is StoreRolledBackException back)
                {
                    Mark();
                    if (options.RolledBack is { } tell)
                    {
                        tell(back);
                        return;
                    }
                }

                if (exception is StoreFencedException fenced && options.Fenced is { } told)
                {
                    told(fenced);
                    return;
                }

                options.EndProcess(message, exception);
                stopping.Cancel(); // only reached in tests
            }

            void TurnAway(AgentId agent, EventId last)
            {
                var name = file.Hosted.Single(hosted => hosted.Agent == agent).Name;
                var reason = $"The invitation of {name} was used before, elsewhere: {last} was written there. Two copies of one agent must not run.";
                if (options.TurnedAway is { } tell) tell(reason);
                else End($"{reason} If the other copy is lost, its parent gives it a new key with 'tavern rekey {name}'; else ask for an invitation of your own.", null);
            }

            void Mark()
            {
                try
                {
                    RestoreMark.Set(options.DataFolder);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The lease in the keys folder says so, too: it knows of numbers that the store does not.
                }
            }
        }
        catch
        {
            if (transport is not null) await transport.DisposeAsync().ConfigureAwait(false);
            proofs?.Dispose();
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a data folder for reading, also while a node runs on it: no lock, no gossip, no writes. It shows what was committed
    /// by then.</summary>
    /// <exception cref="NodeFileException">The folder holds no tavern.</exception>
    /// <exception cref="StoreRefusedException">It holds no store that can be read.</exception>
    public static async Task<TavernNode> OpenReadOnlyAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        var file = TavernFile.Read(options.DataFolder);
        var store = await NodeStore.OpenAsync(options.DataFolder, readOnly: true, file.Stored, "", options.Time, cancellationToken).ConfigureAwait(false);
        try
        {
            var (peers, history, verifier) = (new PeerBook(), new NodeHistory(store), new SharedVerifier());
            await Recovery.ReplayAsync(store, file, history, new SegmentIndex(), peers, cancellationToken).ConfigureAwait(false);
            var answering = new Answering(file.Tavern, history, store, LookAsync, options.Time, options.PeersFoldMax);
            foreach (var hosted in file.Hosted) answering.Add(hosted.Agent, null);
            var asking = new Asking(file.Tavern, null, null, answering, peers, verifier, options.Time);
            return new TavernNode(options, file, new NodeParts(store, history, verifier, answering, asking, LookAsync), null);

            ValueTask<EngineStatus> LookAsync(AgentId agent, CancellationToken token) =>
                history.ReadAsync(reader => new EngineStatus(agent, reader.Clock(agent), reader.LogLength(agent), true, TimeSpan.Zero, [], [], []), token);
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the store. One that is gone is begun anew when there are others to get back from what was lost.</summary>
    private static async Task<IEventStore> OpenAsync(NodeOptions options, TavernFile file, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(mustExist: file.Stored).ConfigureAwait(false);
        }
        catch (StoreRefusedException e) when (e.IsLost && !file.Seeds.IsEmpty)
        {
            NodeStore.PutAsideRest(options.DataFolder);
            RestoreMark.Set(options.DataFolder); // so that a start that is cut short is not forgotten
            options.Tell($"{e.Message.Split(". ")[0]}. What others have of it comes back from them.");
            return await OpenAsync(mustExist: false).ConfigureAwait(false);
        }

        ValueTask<IEventStore> OpenAsync(bool mustExist) =>
            NodeStore.OpenAsync(options.DataFolder, readOnly: false, mustExist, "a tavern node", options.Time, cancellationToken);
    }

    /// <summary>Whether a key is an agent's. Seeds are heard before anything here vouches for them: a lost log comes back from them.</summary>
    private static KeyFinding Judge(TavernFile file, PeerBook peers, AgentId agent, ReadOnlyMemory<byte> key, KeyTrail? trail, TimeProvider time) => peers.Keys.Judge(agent, key, trail) switch
    {
        { Standing: KeyStanding.Known } when trail is null && peers.IsTooLate(agent, time.GetUtcNow()) => new KeyFinding(KeyStanding.TooLate), // whose trail is here has written
        { Standing: KeyStanding.Unheard } when file.Seeds.Any(seed => seed.Agent == agent) => new KeyFinding(KeyStanding.Known),
        var finding => finding,
    };

    /// <summary>Where this node listened last: what its agents announced.</summary>
    private static Uri? LastAddress(TavernFile file, Dictionary<AgentId, RecoveredLog> logs, PeerBook peers) => file.Hosted
        .Select(hosted => logs[hosted.Agent].Runs.LastOrDefault(run => run.Chain.Agent == hosted.Agent))
        .OfType<Provenance.Run>()
        .SelectMany(run => peers.AddressesAt(run.Chain, run.Last))
        .FirstOrDefault();

    private static ulong Random64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
