using System.Globalization;
using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>One record of every type of the catalogue, every field of it given, as agents of a later epoch write it after they heard of a fork; and
/// records that a later version could write.</summary>
internal static class GoldenRecords
{
    private static readonly AgentId Jake = AgentId.Parse("00112233445566778899aabbccddeeff");
    private static readonly AgentId Gandalf = AgentId.Parse("5cd252fb0ce8932436faf8ccd1040981");
    private static readonly AgentId Saruman = AgentId.Parse("dc0ce633dbcc913dafafa4b89ac44d8c");
    private static readonly EventId Early = new(Jake, 1, 3);
    private static readonly EventId Late = new(Gandalf, 2, 70_000);
    private static readonly byte[] Key = [.. Enumerable.Range(0, 91).Select(i => (byte)i)];

    private static readonly TavernEvent[] Bodies =
    [
        new TavernFounded("The Prancing Pony", "jake", Key, [.. Key.Reverse()]),
        new AgentSpawned(Gandalf, "gandalf", Key, "wizard"),
        new AgentRekeyed(Gandalf, Key, 41, HashOf("last"), 2),
        new EndpointAnnounced(["http://127.0.0.1:5000/", "http://[::1]:5001/"]),
        new AgentRetired(Saruman, 9, HashOf("last"), "left"),
        new EpochStarted(1, 12, HashOf("last")),
        new EpochEndorsed(Saruman, 2, HashOf("first")),
        new ForkDetected(Saruman, 1, 4, [1, 2, 3], [4, 5], [6, 7, 8], [9]),
        new TaskCreated("Brew \"ale\" & <mead> – für 5 €", "In the cellar\nat night"),
        new TaskAssigned(Early, Gandalf),
        new TaskStarted(Early),
        new TaskProgressed(Early, "halfway", 50),
        new TaskCompleted(Late, "done"),
        new TaskFailed(Late, "no hops"),
        new TaskCancelled(Late, "no guests"),
        new CommitmentMade("I will be back", Early, Jake),
        new CommitmentClaimed(Early, "here I am"),
        new CommitmentWithdrawn(Early, "too late"),
        new VerificationRecorded(Late, VerificationOutcome.Fail, "not yet", [Early, Late]),
        new CommitmentDisputed(Early, "he is not"),
        new RulingMade(Late, VerificationOutcome.Pass, "he was"),
        new QuestionRaised("Who goes there?", [Jake, Saruman]),
        new QuestionAnswered(Early, "A friend"),
        new QuestionWithdrawn(Early, "never mind"),
        new DiscoveryShared("The door opens inwards", "doors"),
        new MessageSent("Mellon", [Gandalf], "user", "speech"),
        new StatusReported(AgentActivity.Waiting, "for an answer", Early),
        new HistoryImported("shiviz", "run.log", HashOf("file"), 12, 3, 1, "why", "because", "gandalf", "4", "misread", Early, "unsure"),
        new LineLogged("it began", 1, "2026-01-01T00:00:00Z"),
    ];

    /// <summary>All, by the name of their file.</summary>
    public static SortedDictionary<string, EventRecord> All { get; } = Make();

    /// <summary>What a record says, line by line.</summary>
    public static IEnumerable<(string Name, string Value)> Describe(EventRecord record)
    {
        var header = record.Header;
        yield return ("event", record.Id.ToString());
        yield return ("previous", header.Previous.ToString());
        yield return ("time", string.Create(CultureInfo.InvariantCulture, $"{header.Time.Milliseconds} {header.Time.Counter}"));
        yield return ("type", string.Create(CultureInfo.InvariantCulture, $"{header.Type} {header.TypeVersion}"));
        yield return ("causes", string.Join(' ', header.Causes));
        yield return ("traceparent", header.TraceParent ?? "none");
        yield return ("deps", header.Deps is { } deps ? string.Join(' ', deps.Heads.Zip(deps.HeadHashes, (head, hash) => $"{head}/{hash:x32}")) : "none");
        yield return ("payload", Encoding.UTF8.GetString(record.Payload.Span));
        yield return ("body", EventCatalogue.TryRead(record, out var body) ? Encoding.UTF8.GetString(EventCatalogue.Draft(body).Payload.Span) : "unknown");
        yield return ("header", Convert.ToHexStringLower(record.HeaderBytes.Span));
        yield return ("hash", record.Hash.ToString());
    }

    private static SortedDictionary<string, EventRecord> Make()
    {
        var all = new SortedDictionary<string, EventRecord>(StringComparer.Ordinal);
        foreach (var body in Bodies) all.Add(body.GetType().Name, Record(EventCatalogue.Draft(body)));
        var bare = EventCatalogue.Draft(new TaskCreated("Brew"));
        all.Add("bare", EventRecord.Create(new EventHeader(new EventId(Gandalf, 1, 1), default, default, bare.Type, bare.TypeVersion, [], null, Hash.Of(bare.Payload.Span), null), bare.Payload));
        all.Add("later-type", Record(new EventDraft("CoffeeBrewed", 3, """ {"cups" : [2, 1e2], "x": {}} """u8.ToArray())));
        all.Add("later-type-version", Record(EventCatalogue.Draft(new TaskCreated("Brew")) with { TypeVersion = 99 }));
        all.Add("later-fields", LaterVersion.WithUnknownField(Record(new EventDraft("TaskCreated", 1, """{"title":"Brew","barrel":{"oak":true},"description":"Ale"}"""u8.ToArray()))));
        all.Add("no-json", Record(new EventDraft("MessageSent", 1, "not JSON, but text"u8.ToArray())));
        return all;
    }

    private static EventRecord Record(EventDraft draft) => EventRecord.Create(
        new EventHeader(
            new EventId(Gandalf, 2, 300), HashOf("previous"), new HybridTime(1_767_225_600_123, 4), draft.Type, draft.TypeVersion,
            [Early, Late], "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Hash.Of(draft.Payload.Span),
            ChainWriter.DependenciesOf([(Early, HashOf("early")), (new EventId(Saruman, 1, 6), HashOf("east")), (new EventId(Saruman, 1, 6), HashOf("west")), (new EventId(Saruman, 2, 1), HashOf("later"))])),
        draft.Payload);

    private static Hash HashOf(string text) => Hash.Of(Encoding.UTF8.GetBytes(text));
}
