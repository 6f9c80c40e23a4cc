using System.Collections.Immutable;
using System.Text;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Turns what a client wants written into a draft: names become ids, what the client may leave out is filled in, and what
/// everybody's folds would ignore is refused.</summary>
/// <param name="witness">The writer and all it has.</param>
/// <param name="earlier">What an earlier request with the same key became; null for none. A repeated request must give the same
/// draft, so what was filled in then is filled in again, and nothing is refused that was accepted.</param>
internal sealed class EventDrafts(Witness witness, EventRecord? earlier)
{
    private readonly TavernEvent? _earlier = earlier is not null && EventCatalogue.TryRead(earlier, out var body) ? body : null;

    /// <summary>The draft.</summary>
    /// <param name="request">What the client wants.</param>
    /// <param name="handled">The event that was handled, declared as the first cause; null for none.</param>
    /// <exception cref="RefusedException">The request is not valid, names what is not known, or would be ignored.</exception>
    /// <exception cref="MalformedRecordException">It is over a limit.</exception>
    public EventDraft Draft(WriteEvent request, EventId? handled = null)
    {
        if (earlier is null) WriteRules.RequireActive(witness);
        if (string.IsNullOrWhiteSpace(request.Type) || request.Type.Any(char.IsControl)) throw RefusedException.Invalid("The type is " +
            "empty or holds control characters; expected a name such as TaskStarted.");
        var draft = EventCatalogue.TypeNames.Contains(request.Type) ? OfCatalogue(request) : OfOtherType(request);
        var causes = request.Causes.Select(witness.OwnEvent);
        draft = draft with { Causes = handled is { } cause ? [cause, .. causes.Where(other => other != cause)] : [.. causes] };
        draft.Validate();
        return draft;
    }

    private static EventDraft OfOtherType(WriteEvent request)
    {
        if (request.TypeVersion < 1) throw RefusedException.Invalid($"The type version is {request.TypeVersion}; expected 1 or more.");
        return new EventDraft(request.Type, request.TypeVersion, Encoding.UTF8.GetBytes(request.Payload.GetRawText()));
    }

    private EventDraft OfCatalogue(WriteEvent request)
    {
        var fields = new PayloadFields(witness, request.Type, request.Payload);
        var body = Read(request.Type, fields);
        fields.RequireNoOthers();
        var draft = EventCatalogue.Draft(body);
        if (request.TypeVersion != draft.TypeVersion)
            throw RefusedException.Invalid($"{request.Type} has version {draft.TypeVersion} here, not {request.TypeVersion}.");
        if (earlier is null) WriteRules.Require(witness, body);
        return draft;
    }

    private TavernEvent Read(string type, PayloadFields fields) => type switch
    {
        nameof(TaskCreated) => new TaskCreated(fields.Text("title"), fields.TextOrNull("description")),
        nameof(TaskAssigned) => new TaskAssigned(fields.Event("task"), fields.Agent("agent")),
        nameof(TaskStarted) => new TaskStarted(fields.Event("task")),
        nameof(TaskProgressed) => new TaskProgressed(fields.Event("task"), fields.Text("note"), fields.NumberOrNull("percent", 0, 100)),
        nameof(TaskCompleted) => new TaskCompleted(fields.Event("task"), fields.TextOrNull("result")),
        nameof(TaskFailed) => new TaskFailed(fields.Event("task"), fields.Text("reason")),
        nameof(TaskCancelled) => new TaskCancelled(fields.Event("task"), fields.TextOrNull("reason")),
        nameof(CommitmentMade) => new CommitmentMade(fields.Text("text"), fields.EventOrNull("task"), fields.AgentOrNull("to")),
        nameof(CommitmentClaimed) => new CommitmentClaimed(fields.Event("commitment"), fields.TextOrNull("evidence")),
        nameof(CommitmentWithdrawn) => new CommitmentWithdrawn(fields.Event("commitment"), fields.TextOrNull("reason")),
        nameof(VerificationRecorded) => new VerificationRecorded(
            ClaimOf(fields.Event("claim")),
            fields.Word<VerificationOutcome>("outcome"),
            fields.TextOrNull("note"),
            fields.EventsOrNull("overrides")),
        nameof(CommitmentDisputed) => new CommitmentDisputed(fields.Event("commitment"), fields.Text("reason")),
        nameof(RulingMade) => new RulingMade(ClaimOf(fields.Event("claim")), fields.Word<VerificationOutcome>("outcome"), fields.Text("reason")),
        nameof(QuestionRaised) => new QuestionRaised(fields.Text("text"), fields.AgentsOrNull("to")),
        nameof(QuestionAnswered) => new QuestionAnswered(fields.Event("question"), fields.Text("text")),
        nameof(QuestionWithdrawn) => new QuestionWithdrawn(fields.Event("question"), fields.TextOrNull("reason")),
        nameof(DiscoveryShared) => new DiscoveryShared(fields.Text("text"), fields.TextOrNull("topic")),
        nameof(MessageSent) => new MessageSent(fields.Text("text"), fields.AgentsOrNull("to")),
        nameof(StatusReported) => new StatusReported(fields.Word<AgentActivity>("state"), fields.TextOrNull("note"), fields.EventOrNull("task")),
        nameof(AgentRetired) => Retirement(
            fields.Agent("agent"), fields.LongOrNull("lastSequence"), fields.TextOrNull("lastHash"), fields.TextOrNull("reason")),
        nameof(EpochEndorsed) => Endorsement(fields.Agent("agent")),
        nameof(AgentRekeyed) => throw RefusedException.Invalid("AgentRekeyed is written by the node when it makes the new key: POST /rekeys ('tavern rekey')."),
        nameof(AgentSpawned) => throw RefusedException.Invalid("AgentSpawned is written by the node when it makes the new agent's " +
            "key: POST /agents or /invitations ('tavern spawn')."),
        _ => throw RefusedException.Invalid($"{type} is written by the node itself; clients cannot write it."),
    };

    /// <summary>A commitment stands for its current claim.</summary>
    private EventId ClaimOf(EventId named)
    {
        if (!witness.View.Commitments.TryGetValue(named, out var commitment)) return named;
        var before = _earlier switch
        {
            VerificationRecorded verification => verification.Claim,
            RulingMade ruling => ruling.Claim,
            _ => (EventId?)null,
        };
        if (before is { } claim && EventCatalogue.TryRead(witness.History.Record(claim), out var body)
            && body is CommitmentClaimed claimed && claimed.Commitment == named) return claim;
        return commitment.Claim?.DecidedBy ?? throw RefusedException.WouldBeIgnored(
            $"{witness.Of(named).Name} has no claim yet, so there is nothing to judge; its owner " +
                $"{witness.Names.DisplayNameOf(commitment.Owner)} claims it with: tavern claim {witness.Of(named).Name}");
    }

    /// <summary>Of the newest epoch that waits.</summary>
    private EpochEndorsed Endorsement(AgentId agent)
    {
        if (_earlier is EpochEndorsed before && before.Agent == agent) return before;
        var epoch = WriteRules.WaitingEpochOf(witness, agent);
        List<Hash> firsts = [.. witness.Clock.Entries.Where(entry => entry.Chain.Main == new ChainId(agent, epoch) && witness.History.Causality.FirstOf(entry.Chain) == 1)
            .Select(entry => witness.History.Record(entry.Chain[1]).Hash)];
        return firsts is [var first]
            ? new EpochEndorsed(agent, epoch, first)
            : throw RefusedException.WouldBeIgnored($"Epoch {epoch} of {witness.Names.DisplayNameOf(agent)} has forked at its first record, so " +
                "nobody can vouch for it. 'tavern show --forks' has its lines; leave one copy running, and endorse the epoch that it begins.");
    }

    private AgentRetired Retirement(AgentId agent, long? lastSequence, string? lastHash, string? reason)
    {
        if (lastSequence is null != lastHash is null) throw RefusedException.Invalid("AgentRetired names lastSequence and lastHash " +
            "together, or neither: then the node fills them in.");
        if (lastHash is not null)
        {
            try
            {
                return new AgentRetired(agent, lastSequence!.Value, Hash.Parse(lastHash), reason);
            }
            catch (FormatException e)
            {
                throw RefusedException.Invalid($"The field 'lastHash' of AgentRetired is no hash: {e.Message}");
            }
        }

        if (_earlier is AgentRetired before && before.Agent == agent) return before with { Reason = reason };
        return witness.HeadOf(agent) is { } head
            ? new AgentRetired(agent, head.Sequence, witness.History.Record(head).Hash, reason)
            : new AgentRetired(agent, 0, default, reason);
    }
}
