using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Events;

public class CatalogueTests
{
    private static readonly AgentId Agent = new(0xA);
    private static readonly EventId Event = new(Agent, 2, 7);

    /// <summary>One of each type, with every field filled in.</summary>
    internal static readonly TavernEvent[] Samples =
    [
        new TavernFounded("The Tavern", "jake", [1, 2], [3]),
        new AgentSpawned(Agent, "gandalf", [1, 2], "wizard", new DateTimeOffset(2026, 11, 30, 9, 14, 0, TimeSpan.Zero)),
        new AgentRekeyed(Agent, [1, 2], 9, Hash.Of([1])),
        new EndpointAnnounced(["http://127.0.0.1:1", "http://127.0.0.1:2"]),
        new AgentRetired(Agent, 9, Hash.Of([1]), "gone home"),
        new EpochStarted(1, 9, Hash.Of([1])),
        new EpochEndorsed(Agent, 2, Hash.Of([1])),
        new ForkDetected(Agent, 1, 9, [1], [2], [3], [4]),
        new TaskCreated("Find the key", "It opens the gate."),
        new TaskAssigned(Event, Agent),
        new TaskStarted(Event),
        new TaskProgressed(Event, "two of three", 66),
        new TaskCompleted(Event, "under the mat"),
        new TaskFailed(Event, "no key"),
        new TaskCancelled(Event, "the gate was open"),
        new CommitmentMade("open by noon", Event, Agent),
        new CommitmentClaimed(Event, "see the gate"),
        new CommitmentWithdrawn(Event, "no gate"),
        new VerificationRecorded(Event, VerificationOutcome.Fail, "it is shut", [Event]),
        new CommitmentDisputed(Event, "another gate"),
        new RulingMade(Event, VerificationOutcome.Pass, "tried it"),
        new QuestionRaised("Which gate?", [Agent]),
        new QuestionAnswered(Event, "The west gate."),
        new QuestionWithdrawn(Event, "never mind"),
        new DiscoveryShared("The gate is open.", "gate"),
        new MessageSent("Dinner.", [Agent], "cook (thought)", "json"),
        new StatusReported(AgentActivity.Waiting, "for the key", Event),
        new HistoryImported("shiviz", "chord.log", Hash.Of([1]), 1235, 8, 2, "What?", "That.", "gandalf", "3", "He was late.", Event, "It is by jake."),
        new LineLogged("Received Put reply", 5, "10/13/2014"),
    ];

    [Fact]
    public void A_payload_names_events_without_the_numbers_that_a_node_gives_to_branches()
    {
        var draft = EventCatalogue.Draft(new TaskStarted(Event with { Branch = 3 }));
        Assert.Equal($$"""{"task":"{{Event}}"}""", Encoding.UTF8.GetString(draft.Payload.Span));
        var tavern = new TestTavern(seed: 1);
        var numbered = tavern.Jake.WriteRaw(nameof(TaskStarted), $$"""{"task":"{{Event with { Branch = 3 }}}"}""");
        Assert.False(EventCatalogue.TryRead(tavern.Read(numbered), out _));
    }

    [Fact]
    public void The_names_of_types_and_fields_never_change() => Assert.Equal(
        [
            "AgentRekeyed 1: agent publicKey lastSequence lastHash lastEpoch",
            "AgentRetired 1: agent lastSequence lastHash reason",
            "AgentSpawned 1: agent name publicKey role invitedUntil",
            "CommitmentClaimed 1: commitment evidence",
            "CommitmentDisputed 1: commitment reason",
            "CommitmentMade 1: text task to",
            "CommitmentWithdrawn 1: commitment reason",
            "DiscoveryShared 1: text topic",
            "EndpointAnnounced 1: addresses",
            "EpochEndorsed 1: agent epoch firstHash",
            "EpochStarted 1: previousEpoch lastSequence lastHash",
            "ForkDetected 1: agent epoch sequence headerA signatureA headerB signatureB",
            "HistoryImported 1: format file sha256 events agents unmatchedLines question groundTruth mistakeAgent mistakeStep mistakeReason mistake mistakeDoubt",
            "LineLogged 1: text line date",
            "MessageSent 1: text to role form",
            "QuestionAnswered 1: question text",
            "QuestionRaised 1: text to",
            "QuestionWithdrawn 1: question reason",
            "RulingMade 1: claim outcome reason",
            "StatusReported 1: state note task",
            "TaskAssigned 1: task agent",
            "TaskCancelled 1: task reason",
            "TaskCompleted 1: task result",
            "TaskCreated 1: title description",
            "TaskFailed 1: task reason",
            "TaskProgressed 1: task note percent",
            "TaskStarted 1: task",
            "TavernFounded 1: tavern name publicKey recoveryKey",
            "VerificationRecorded 1: claim outcome note overrides",
        ],
        Samples.Select(EventCatalogue.Draft).OrderBy(draft => draft.Type, StringComparer.Ordinal).Select(draft =>
            $"{draft.Type} {draft.TypeVersion}: {string.Join(' ', JsonElement.Parse(draft.Payload.Span).EnumerateObject().Select(field => field.Name))}"));

    [Fact]
    public void There_is_a_sample_of_every_type_with_every_field()
    {
        Assert.Equal(EventCatalogue.TypeNames, Samples.Select(sample => sample.GetType().Name).Order(StringComparer.Ordinal));
        var types = typeof(TavernEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TavernEvent))).Select(type => type.Name);
        Assert.Equal(EventCatalogue.TypeNames, types.Order(StringComparer.Ordinal));
        foreach (var sample in Samples)
            Assert.All(sample.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance), field => Assert.NotNull(field.GetValue(sample)));
    }

    [Fact]
    public void Every_type_comes_back_as_it_was_written()
    {
        foreach (var sample in Samples)
        {
            var draft = EventCatalogue.Draft(sample);
            draft.Validate();
            Assert.True(EventCatalogue.TryRead(RecordOf(draft.Type, draft.TypeVersion, draft.Payload), out var read), draft.Type);
            Assert.IsType(sample.GetType(), read);
            Assert.Equal(Encoding.UTF8.GetString(draft.Payload.Span), Encoding.UTF8.GetString(EventCatalogue.Draft(read).Payload.Span));
        }
    }

    [Fact]
    public void Fields_that_may_be_left_out_are_left_out_and_read_as_nothing()
    {
        var draft = EventCatalogue.Draft(new StatusReported(AgentActivity.Idle));
        Assert.Equal("""{"state":"idle"}""", Encoding.UTF8.GetString(draft.Payload.Span));
        Assert.Equal(new StatusReported(AgentActivity.Idle), Read("StatusReported", """{"state":"idle","note":null,"later":{"field":1}}"""));
    }

    [Theory]
    [InlineData("StatusReported", """{"state":"3"}""")]
    [InlineData("StatusReported", """{"state":3}""")]
    [InlineData("StatusReported", """{"state":"+1"}""")]
    [InlineData("StatusReported", """{"state":"idle,done"}""")]
    [InlineData("StatusReported", """{"state":" done"}""")]
    [InlineData("StatusReported", """{"state":""}""")]
    [InlineData("StatusReported", """{"state":null}""")]
    [InlineData("StatusReported", """{"note":"no state"}""")]
    [InlineData("StatusReported", """{"state":"asleep"}""")]
    [InlineData("VerificationRecorded", """{"claim":"0000000000000000000000000000000a:7","outcome":"1"}""")]
    [InlineData("VerificationRecorded", """{"claim":"0000000000000000000000000000000a:7","outcome":"pass,fail"}""")]
    [InlineData("VerificationRecorded", """{"claim":"gandalf:7","outcome":"pass"}""")]
    [InlineData("TaskStarted", """{"task":7}""")]
    [InlineData("AgentRetired", """{"agent":"0000000000000000000000000000000a","lastSequence":9,"lastHash":"00"}""")]
    [InlineData("MessageSent", """["hello"]""")]
    [InlineData("com.example.unknown", """{"text":"hello"}""")]
    public void A_payload_of_another_shape_is_not_read(string type, string json) => Assert.Null(Read(type, json));

    [Theory]
    [InlineData("idle", AgentActivity.Idle)]
    [InlineData("Waiting", AgentActivity.Waiting)]
    [InlineData("DONE", AgentActivity.Done)]
    public void Words_are_read_in_any_case(string word, AgentActivity expected) =>
        Assert.Equal(new StatusReported(expected), Read("StatusReported", $$"""{"state":"{{word}}"}"""));

    [Fact]
    public void Older_versions_are_read_as_the_present_one_and_newer_ones_are_not()
    {
        var entry = CatalogueEntry.Of<TaskCreated>(
            one => new JsonObject { ["name"] = one!["text"]?.DeepClone() },
            two => new JsonObject { ["title"] = two!["name"]?.DeepClone(), ["description"] = "from version 2" });
        Assert.Equal(3, entry.Version);
        Assert.Equal(new TaskCreated("a", "from version 2"), ReadAs(1, """{"text":"a"}"""));
        Assert.Equal(new TaskCreated("b", "from version 2"), ReadAs(2, """{"name":"b"}"""));
        Assert.Equal(new TaskCreated("c"), ReadAs(3, """{"title":"c"}"""));
        Assert.Null(ReadAs(4, """{"title":"d"}"""));
        Assert.Null(ReadAs(1, """{"title":"of another version"}"""));

        TavernEvent? ReadAs(int version, string json) => entry.TryRead(RecordOf("TaskCreated", version, Encoding.UTF8.GetBytes(json)), out var body) ? body : null;
    }

    [Fact]
    public void A_version_that_is_newer_than_the_catalogue_is_not_read() => Assert.Null(Read("TaskCreated", """{"title":"later"}""", version: 2));

    private static TavernEvent? Read(string type, string json, int version = 1) =>
        EventCatalogue.TryRead(RecordOf(type, version, Encoding.UTF8.GetBytes(json)), out var body) ? body : null;

    private static EventRecord RecordOf(string type, int version, ReadOnlyMemory<byte> payload) => EventRecord.Create(
        new EventHeader(new EventId(Agent, 1, 1), default, new HybridTime(1, 0), type, version, [], null, Hash.Of(payload.Span), null), payload);
}
