using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Checks by whose signature an event holds, anew and from the stored bytes.</summary>
internal sealed class Signatures(Observers observers)
{
    /// <summary>Checks the signature at the end of the event's segment, which holds for all records below it by their hashes.</summary>
    public async ValueTask<SignatureState> CheckAsync(AgentId observer, EventId id, CancellationToken cancellationToken)
    {
        Segment? segment = null;
        await foreach (var stored in observers.Node.Store.ReadChainAsync(id.Chain, id.Sequence, id.Sequence, cancellationToken)) segment ??= stored.Segment;
        if (segment is null) return new SignatureState(null, null, "missing");
        return await observers.ReadAsync(
            observer,
            witness =>
            {
                var key = witness.History.KeyOf(id.Chain);
                return new SignatureState(witness.Of(id.Chain[segment.First]), witness.Of(id.Chain[segment.Last]), key is null ? "no-key" : Check(segment, key.Value.Span));
            },
            cancellationToken);
    }

    private string Check(Segment segment, ReadOnlySpan<byte> key)
    {
        using var verifier = new EcdsaVerifier();
        return segment.IsSignedBy(key, observers.Node.Tavern, verifier) ? "good" : "bad";
    }
}
