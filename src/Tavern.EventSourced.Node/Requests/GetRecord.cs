using System.Text.Json;
using System.Text.Json.Serialization;
using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One event as it was written. The answer never changes.</summary>
/// <param name="Event">Which; any form of naming it.</param>
public sealed record GetRecord(string Event) : IRequest<RecordAnswer>;

/// <summary>An event, with ids only. See <see cref="EventView"/> for the fields.</summary>
public sealed record RecordAnswer(
    string Id,
    string Agent,
    int Epoch,
    long Sequence,
    string Type,
    int TypeVersion,
    DateTimeOffset? At,
    string Hash,
    string Previous,
    IReadOnlyList<string> Causes,
    IReadOnlyList<string> Deps,
    string? TraceParent,
    string PayloadHash,
    int PayloadBytes,
    [property: JsonConverter(typeof(VerbatimJson))] JsonElement? Payload,
    string? PayloadBase64) : Answer;

internal sealed class GetRecordHandler(Observers observers) : IRequestHandler<GetRecord, RecordAnswer>
{
    public async Task<RecordAnswer> Handle(GetRecord request, CancellationToken cancellationToken) =>
        await observers.ReadAsync(null as string, witness => RecordText.WithIds(witness.History.Record(witness.Event(request.Event))), cancellationToken);
}
