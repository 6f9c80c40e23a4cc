using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using MediatR;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>A node that lies: its answers and refusals are those of a real one with texts replaced.</summary>
/// <param name="inner">The real one.</param>
/// <param name="tamper">From the name of a field and its text to the text that takes its place.</param>
internal sealed class TamperedDoor(IDoor inner, Func<string, string, string> tamper) : IDoor
{
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await inner.SendAsync(request, cancellationToken);
            return answer is ExportAnswer export ? (TAnswer)(object)new ExportAnswer(TamperAsync(export.Events, cancellationToken)) : Tamper(answer);
        }
        catch (DoorException refusal)
        {
            throw new DoorException(Tamper(refusal.Problem with { Head = "jake:1", Missing = ["jake:1"] }));
        }
        catch (NodeUnreachableException silent)
        {
            throw new NodeUnreachableException(silent.Node, tamper("message", silent.Message));
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private T Tamper<T>(T value)
    {
        var type = (JsonTypeInfo<T>)AnswerJson.Default.GetTypeInfo(typeof(T))!;
        return JsonSerializer.SerializeToNode(value, type) is { } node ? JsonSerializer.Deserialize(Walk("", node)!, type)! : value;
    }

    private async IAsyncEnumerable<EventView> TamperAsync(IAsyncEnumerable<EventView> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var view in events.WithCancellation(cancellationToken)) yield return Tamper(view);
    }

    private JsonNode? Walk(string name, JsonNode? node) => node switch
    {
        JsonArray array => new JsonArray([.. array.Select(item => Walk(name, item))]),
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(name is "payload" or "byType" ? tamper("key", field.Key) + field.Key : field.Key, Walk(name is "payload" ? name : field.Key, field.Value)))),
        JsonValue value when value.GetValueKind() is JsonValueKind.String => value.GetValue<string>() is var text && DateTimeOffset.TryParse(text, out _) ? text : tamper(name, text),
        _ => node?.DeepClone(),
    };
}
