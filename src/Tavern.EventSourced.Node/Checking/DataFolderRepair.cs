using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Repairs the store of a data folder on which no node runs: fetches from a peer what is damaged, makes from it what follows from
/// it, and puts a new database in the place of the damaged one, which is kept. Until the new one is whole nothing is changed.</summary>
public sealed class DataFolderRepair
{
    private readonly string _folder;
    private readonly string _keysFolder;
    private readonly TavernFile _file;
    private readonly TimeProvider _time;
    private readonly Action<CheckProgress> _progress;
    private readonly Func<ITransport>? _transport;

    private DataFolderRepair(string folder, string keysFolder, TavernFile file, TimeProvider time, Action<CheckProgress> progress, Func<ITransport>? transport) =>
        (_folder, _keysFolder, _file, _time, _progress, _transport) = (folder, keysFolder, file, time, progress, transport);

    /// <summary>Repairs what can be repaired.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="keysFolder">Where the keys are; for the check afterwards.</param>
    /// <param name="peer">Whom to ask: a name, an id, a gossip address, or ID@ADDRESS.</param>
    /// <param name="time">Dates what is written.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed then.</param>
    /// <exception cref="NodeFileException">The folder holds no tavern, or nobody is meant by <paramref name="peer"/>.</exception>
    /// <exception cref="StoreRefusedException">A node runs on the folder; or own events would be lost (nothing was changed).</exception>
    public static Task<RepairAnswer> RunAsync(
        string folder, string keysFolder, string peer, TimeProvider time, Action<CheckProgress> progress, CancellationToken cancellationToken) =>
        RunAsync(folder, keysFolder, peer, time, progress, null, cancellationToken);

    internal static async Task<RepairAnswer> RunAsync(
        string folder, string keysFolder, string peer, TimeProvider time, Action<CheckProgress> progress, Func<ITransport>? transport, CancellationToken cancellationToken)
    {
        DataFolderCheck.RequireLocal(folder);
        var repair = new DataFolderRepair(folder, keysFolder, TavernFile.Read(folder), time, progress, transport);
        if (!NodeStore.Exists(folder)) throw new NodeFileException($"{folder} holds no events.db to repair. Restore it from a backup.");
        using var held = OwnerLock.Take(folder, "tavern fsck --repair-from", time.GetUtcNow());
        return await repair.RunAsync(peer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Speaks for the agent here whose events are missing. Any key of the other end will do: what it sends is judged by its signatures.</summary>
    private NodeProofs ProofsOf(ISignatureVerifier verifier)
    {
        var proofs = new NodeProofs(_file.Tavern, (_, _, _) => new KeyFinding(KeyStanding.Known), verifier, _ => { });
        var (keys, caller) = (KeyFolder.Open(_keysFolder), _file.Hosted[0]);
        if (keys.Holds(caller.Agent)) proofs.Add(caller.Agent, keys.Load(caller.Agent), caller.KeyTrail);
        return proofs;
    }

    private async Task<RepairAnswer> RunAsync(string peerText, CancellationToken cancellationToken)
    {
        var path = NodeStore.PathIn(_folder);
        PendingSwap.Complete(path);
        using var verifier = new EcdsaVerifier();
        var (expected, before) = (DataFolderCheck.ExpectationOf(_file), new Findings(0));
        var result = SqliteCheck.Run(path, expected, verifier, before, _progress, cancellationToken);
        if (before.Count == 0) return Unchanged(null, [], "The store is sound; there is nothing to repair.", cancellationToken);

        var damaged = DamagedOf(result.Check);
        var candidates = RepairPeer.Find(peerText, _file, result.Check);
        var (fetched, peer, clock, notes) = (new List<Segment>(), candidates[0], (IReadOnlyDictionary<ChainId, long>)new Dictionary<ChainId, long>(), new List<string>());
        try
        {
            using var signers = new SharedVerifier();
            using var proofs = ProofsOf(signers);
            await using var transport = _transport?.Invoke() ?? new Http2Transport(null, null, proofs);
            var copies = new PeerCopies(new OutgoingCalls(_file.Tavern, transport, _time), _file.Hosted[0].Agent);
            (peer, clock) = await copies.MeetAsync(candidates, cancellationToken).ConfigureAwait(false);
            var total = damaged.Sum(range => Math.Min(range.Count, int.MaxValue)); // a number that was damaged can claim more than fits into a sum
            var sent = await copies.FetchAsync(peer, damaged, count => _progress(new CheckProgress("fetching events", count, total)), cancellationToken).ConfigureAwait(false);
            if (result.Check is { } check) fetched = CopyCheck.Accept(sent, _file.Tavern, check, verifier);
        }
        catch (TransportException e)
        {
            notes.Add($"The peer did not help: {e.Message}");
        }

        var lacking = Lacking(damaged, fetched);
        if (OwnEvents.Refusal(_file, result, clock, (chain, id) => WholeUpTo(chain, id, fetched)) is { } refusal)
            throw new StoreRefusedException($"Nothing was changed in {_folder}. {refusal}{string.Concat(notes.Select(note => " " + note))}");
        return Rebuild(path, expected, result.Check!, before.Count, fetched, lacking, peer, verifier, notes, cancellationToken);
    }

    private RepairAnswer Rebuild(
        string path, StoreExpectation expected, StoreCheck check, long findings, List<Segment> fetched, List<EventRange> lacking, RepairPeer peer,
        EcdsaVerifier verifier, List<string> notes, CancellationToken cancellationToken)
    {
        _progress(new CheckProgress("building a new database", 0, 0));
        var report = SqliteRebuild.Run(path, PendingSwap.Begin(path), expected, check, fetched, peer.Agent, verifier, _time.GetUtcNow());
        var after = new Findings(Findings.DefaultMax);
        SqliteCheck.Run(PendingSwap.BuildingFor(path), expected, verifier, after, _progress, cancellationToken);
        if (after.Count >= findings)
        {
            PendingSwap.Abandon(path);
            notes.Add("What came back would make nothing better, so nothing was changed.");
            return Unchanged(peer, lacking, string.Join(' ', notes), cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var kept = PendingSwap.Decide(path, _time.GetUtcNow());
        if (report.Redelivered > 0) notes.Add($"{report.Redelivered} events were put into logs again; when and from whom they came first is lost.");
        if (report.Receipts > 0) notes.Add($"{report.Receipts} receipts were lost; rows that say so stand in their places.");
        if (report.Keys > 0) notes.Add($"{report.Keys} idempotency keys were left out: a repeated request would write again.");
        if (report.Subscriptions > 0) notes.Add($"{report.Subscriptions} subscriptions were set back or left out, because the log below them changed: they handle some events again.");
        if (report.Left > 0) notes.Add($"{report.Left} damaged rows are as they were.");
        return new RepairAnswer(
            _folder, NameOf(peer.Agent, check), true, [.. EventRanges.Of(fetched.SelectMany(segment => segment.Records.Select(record => record.Id))).Select(Text)], [.. lacking.Select(Text)], report.Redelivered, report.Receipts, report.Keys,
            kept, notes, DataFolderCheck.Run(_folder, _keysFolder, Findings.DefaultMax, _time, _progress, cancellationToken));

        string Text(EventRange range) => DataFolderCheck.TextOf(range, NameOf(range.Chain.Agent, check));
    }

    private RepairAnswer Unchanged(RepairPeer? peer, List<EventRange> lacking, string note, CancellationToken cancellationToken) => new(
        _folder, peer?.Agent.ToString(), false, [], [.. lacking.Select(range => DataFolderCheck.TextOf(range, range.Chain.Agent.ToString()))], 0, 0, 0, null, [note],
        DataFolderCheck.Run(_folder, _keysFolder, Findings.DefaultMax, _time, _progress, cancellationToken));

    /// <summary>What is damaged, missing below a head, or named by other rows above it.</summary>
    private static ImmutableArray<EventRange> DamagedOf(StoreCheck? check) => check is null ? [] :
    [
        .. check.Chains.Values.SelectMany(chain => chain.Claimed > chain.Head
            ? chain.DamagedRanges().Append(new EventRange(chain.Id, chain.Head + 1, chain.Claimed))
            : chain.DamagedRanges()),
    ];

    private static List<EventRange> Lacking(IEnumerable<EventRange> damaged, List<Segment> fetched)
    {
        // By ranges: a number that was damaged can claim more events than anybody can count.
        var byChain = fetched.ToLookup(segment => segment.Chain);
        var lacking = new List<EventRange>();
        foreach (var range in damaged)
        {
            var next = range.First;
            foreach (var segment in byChain[range.Chain].OrderBy(segment => segment.First))
            {
                if (segment.Last < next || segment.First > range.Last) continue;
                if (segment.First > next) lacking.Add(range with { First = next, Last = segment.First - 1 });
                next = segment.Last + 1;
            }

            if (next <= range.Last) lacking.Add(range with { First = next });
        }

        return lacking;
    }

    private static long WholeUpTo(CheckedChain? chain, ChainId id, List<Segment> fetched)
    {
        var there = fetched.Where(segment => segment.Chain == id).SelectMany(segment => segment.Records.Select(record => record.Id.Sequence)).ToHashSet();
        var whole = 0L;
        while (there.Contains(whole + 1) || (chain is not null && whole < chain.Head && !chain.Damaged.Contains(whole + 1))) whole++;
        return whole;
    }

    private string NameOf(AgentId agent, StoreCheck? check) => check?.NameOf(agent) ?? _file.Hosted.FirstOrDefault(hosted => hosted.Agent == agent)?.Name ?? agent.ToString();
}
