using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Answers questions to hosted agents about themselves, signed with their keys. Only agents that the asked one has heard
/// of are answered. Safe for concurrent use.</summary>
internal sealed class Answering(
    Hash tavern, NodeHistory history, IEventStore store, Func<AgentId, CancellationToken, ValueTask<EngineStatus>> look, TimeProvider time,
    int peersFoldMax)
{
    private readonly ConcurrentDictionary<AgentId, IAgentSigner?> _signers = [];

    /// <summary>Answers for one more agent; without a signer only on this node.</summary>
    public void Add(AgentId agent, IAgentSigner? signer) => _signers[agent] = signer;

    /// <summary>True when the agent is hosted here.</summary>
    public bool Hosts(AgentId agent) => _signers.ContainsKey(agent);

    /// <summary>Answers a call from another node.</summary>
    public async ValueTask<GossipMessage> AnswerAsync(GossipEnvelope call, GossipMessage.Ask ask, CancellationToken cancellationToken)
    {
        if (!_signers.TryGetValue(call.To, out var signer) || signer is null) return new GossipMessage.Refused(RefusalReason.NotHosted, $"{call.To} is not hosted here.");
        if (!await history.ReadAsync(reader => reader.VoucherOf(call.To, call.From) is not null, cancellationToken).ConfigureAwait(false))
            return new GossipMessage.Refused(RefusalReason.Stranger, "No event delivered here vouches for the caller.");
        AskQuestion question;
        try
        {
            question = AskCodec.DecodeQuestion(ask.Content.Span);
        }
        catch (MalformedAskException e)
        {
            return new GossipMessage.Refused(RefusalReason.Malformed, e.Message);
        }

        var answer = AskCodec.Encode(await AnswerAsync(call.To, question, peersFoldMax, cancellationToken).ConfigureAwait(false));
        return new GossipMessage.Answer(answer, signer.Sign(AnswerSignature.Content(tavern, call.From, call.To, ask.Nonce, ask.Content.Span, answer)));
    }

    /// <summary>What a hosted agent answers to people at its own node, whatever it costs.</summary>
    public ValueTask<AskAnswer> AnswerAsync(AgentId agent, AskQuestion question, CancellationToken cancellationToken) =>
        AnswerAsync(agent, question, int.MaxValue, cancellationToken);

    private async ValueTask<AskAnswer> AnswerAsync(AgentId agent, AskQuestion question, int foldMax, CancellationToken cancellationToken) => question switch
    {
        AskQuestion.Clock(var forked) => await history.ReadAsync(reader => ClockLines.Named(reader, agent, forked), cancellationToken).ConfigureAwait(false),
        AskQuestion.Head(var chain) => await history.ReadAsync(reader => HeadOf(reader, agent, chain), cancellationToken).ConfigureAwait(false),
        AskQuestion.Delivery(var id, var hash) => await DeliveryOfAsync(agent, id, hash, cancellationToken).ConfigureAwait(false),
        AskQuestion.Heads(var writer) => await HeadsOfAsync(agent, writer, cancellationToken).ConfigureAwait(false),
        AskQuestion.Belief belief => await BeliefOfAsync(agent, belief, foldMax, cancellationToken).ConfigureAwait(false),
        _ => new AskAnswer.CannotAnswer($"This version cannot answer a {question.GetType().Name} question."),
    };

    private static AskAnswer.Head HeadOf(HistoryReader reader, AgentId agent, ChainId chain)
    {
        var sequence = reader.Clock(agent)[chain];
        return new AskAnswer.Head(chain, sequence, sequence == 0 ? default : reader.Record(chain[sequence]).Hash);
    }

    /// <summary>The ends of an agent's newest epoch, each with the signature that proves it.</summary>
    private async ValueTask<AskAnswer> HeadsOfAsync(AgentId agent, AgentId writer, CancellationToken cancellationToken)
    {
        var clock = await history.ReadAsync(reader => reader.Clock(agent), cancellationToken).ConfigureAwait(false);
        var heads = clock.Entries.Where(entry => entry.Chain.Agent == writer).ToList();
        var proofs = ImmutableArray.CreateBuilder<HeadProof>();
        foreach (var (chain, last) in heads.Where(entry => entry.Chain.Epoch == heads.Max(head => head.Chain.Epoch)).Take(AskAnswer.ProofsMax))
            await foreach (var (segment, _) in store.ReadChainAsync(chain, last, last, cancellationToken).ConfigureAwait(false))
                proofs.Add(new HeadProof(segment.Records[^1].HeaderBytes.ToArray(), segment.Signature.ToArray()));
        return new AskAnswer.Heads(writer, proofs.DrainToImmutable());
    }

    private async ValueTask<AskAnswer> DeliveryOfAsync(AgentId agent, EventId asked, Hash? hash, CancellationToken cancellationToken)
    {
        var meant = hash is { } known ? await history.ReadAsync(reader => reader.Lines.Find(asked, known), cancellationToken).ConfigureAwait(false) : asked;
        if (meant is { } id && await store.FindRunAsync(agent, id, cancellationToken).ConfigureAwait(false) is { } run)
        {
            var receipt = run.Receipt == 0 ? null : await store.FindReceiptAsync(agent, run.Receipt, cancellationToken).ConfigureAwait(false);
            var written = await history.ReadAsync(reader => WrittenAt(reader, id), cancellationToken).ConfigureAwait(false);
            return new AskAnswer.Delivered(run with { Chain = asked.Chain }, receipt, written);
        }

        var status = await look(agent, cancellationToken).ConfigureAwait(false);
        var (isDelivered, head, report) = await history.ReadAsync(
            reader => (meant is { } one && reader.HasDelivered(agent, one), reader.Clock(agent)[asked.Chain], LinkReport.Of(status, reader.Failures(agent))), cancellationToken).ConfigureAwait(false);
        return isDelivered // since the look into the store
            ? await DeliveryOfAsync(agent, asked, hash, cancellationToken).ConfigureAwait(false)
            : new AskAnswer.NotDelivered(
                Math.Min(head, asked.Sequence - 1), // a copy that goes on has another line there
                report.HeldBack.FirstOrDefault(held => held.Events.Contains(asked)), report.Rejections.FirstOrDefault(refused => refused.Events.Contains(asked)));
    }

    private async ValueTask<AskAnswer> BeliefOfAsync(AgentId agent, AskQuestion.Belief asked, int foldMax, CancellationToken cancellationToken)
    {
        var status = await look(agent, cancellationToken).ConfigureAwait(false);
        try
        {
            return await history.ReadAsync<AskAnswer>(
                reader =>
                {
                    var past = asked.AsOf is { } cut ? PastOf(reader, agent, asked, cut, foldMax) : null;
                    return past is null && asked.AsOf is not null
                        ? new AskAnswer.CannotAnswer(
                            $"To know what it believed then, more than {foldMax} events would have to be folded again, which is not done for " +
                            "other nodes. Ask at its own node, or about a later cut.")
                        : new AskAnswer.Belief(AccountOf(reader, agent, asked, status) with { Past = past });
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (CausalGapException e)
        {
            return new AskAnswer.CannotAnswer(e.Message);
        }
    }

    private BeliefAccount AccountOf(HistoryReader reader, AgentId agent, AskQuestion.Belief asked, EngineStatus status)
    {
        var view = reader.View(agent);
        var belief = view.Believe(asked.Subject, asked.Field);
        var report = LinkReport.Of(status, reader.Failures(agent));
        return new BeliefAccount(reader.Clock(agent), reader.LogLength(agent), belief, belief is null ? null : WrittenAt(reader, belief.DecidedBy))
        {
            Paused = status.Paused,
            NextRound = status.Paused ? null : time.GetUtcNow() + status.NextRound,
            Links = report.Links,
            HeldBack = report.HeldBack,
            Rejections = report.Rejections,
            Forks = ForkAccount.Of(view, asked.Subject),
            WaitingEpochs = view.Agents.TryGetValue(asked.Subject, out var subject) ? [.. subject.Waiting] : [],
        };
    }

    /// <summary>What it believed at a cut; null when that would cost more than allowed.</summary>
    private static PastBelief? PastOf(HistoryReader reader, AgentId agent, AskQuestion.Belief asked, VectorClock cut, int foldMax)
    {
        var clock = reader.Clock(agent);
        foreach (var (chain, sequence) in cut.Entries)
            if (clock[chain] < sequence) throw new CausalGapException(chain[sequence], chain[clock[chain] + 1]); // others on this node may hold it; this agent does not
        if (reader.FindViewAt(cut, foldMax) is not { } view) return null;
        var belief = view.Believe(asked.Subject, asked.Field);
        return new PastBelief(cut, belief, belief is null ? null : WrittenAt(reader, belief.DecidedBy));
    }

    private static DateTimeOffset? WrittenAt(HistoryReader reader, EventId id) => reader.Record(id).Header.Time is { IsUnknown: false } written ? written.Wall : null;
}
