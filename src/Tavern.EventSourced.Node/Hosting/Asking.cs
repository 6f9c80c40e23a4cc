using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Asks agents about themselves, for people. Safe for concurrent use.</summary>
internal sealed class Asking(
    Hash tavern,
    OutgoingCalls? calls,
    Func<AgentId, AgentId, CancellationToken, ValueTask<ImmutableArray<Uri>>>? locate,
    Answering answering,
    PeerBook peers,
    SharedVerifier verifier,
    TimeProvider time)
{
    /// <summary>Asks all of them at once; each gets the whole deadline.</summary>
    public async ValueTask<IReadOnlyList<AskReply>> AskAsync(
        AgentId asker, IReadOnlyList<AgentId> whom, AskQuestion question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var ending = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, cancellationToken);
        return await Task.WhenAll(whom.Select(agent => AskAsync(agent, either.Token))).ConfigureAwait(false);

        async Task<AskReply> AskAsync(AgentId agent, CancellationToken token)
        {
            try
            {
                return new AskReply(agent, await AskOneAsync(asker, agent, question, token).ConfigureAwait(false), null);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new AskReply(agent, null, $"It did not answer within {deadline.TotalSeconds} s.");
            }
            catch (Exception e) when (e is TransportException or MalformedAskException)
            {
                return new AskReply(agent, null, e.Message);
            }
        }
    }

    private async ValueTask<AskAnswer> AskOneAsync(AgentId asker, AgentId agent, AskQuestion question, CancellationToken cancellationToken)
    {
        if (answering.Hosts(agent)) return await answering.AnswerAsync(agent, question, cancellationToken).ConfigureAwait(false);
        if (calls is null || locate is null) throw new TransportException("No node runs here that could ask it.");
        var addresses = await locate(asker, agent, cancellationToken).ConfigureAwait(false);
        var (nonce, content) = (Nonce(), AskCodec.Encode(question));
        var reply = await calls.CallAsync(asker, agent, new GossipMessage.Ask(nonce, content), addresses, cancellationToken).ConfigureAwait(false);
        switch (reply)
        {
            case GossipMessage.Answer(var answer, var signature):
                if (peers.Keys.KeysOf(agent) is not { IsEmpty: false } keys) throw new TransportException($"The key of {agent} is not known here, so its answer cannot be checked.");
                var signed = AnswerSignature.Content(tavern, asker, agent, nonce, content, answer.Span);
                if (!keys.Any(key => AnswerSignature.IsValid(key.Span, signed, signature.Span, verifier))) throw new TransportException($"The answer is not signed by {agent}.");
                return AskCodec.DecodeAnswer(answer.Span, question, agent);
            case GossipMessage.Refused(var reason, var detail):
                throw new TransportException($"It refused to answer ({reason}): {detail}");
            default:
                throw new TransportException($"It answered with an unexpected {reply.GetType().Name}.");
        }
    }

    private static ulong Nonce()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
