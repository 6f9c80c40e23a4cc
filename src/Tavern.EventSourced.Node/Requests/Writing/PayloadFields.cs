using System.Collections.Immutable;
using System.Text.Json;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads the fields of a payload, and puts ids in where people wrote names.</summary>
internal sealed class PayloadFields
{
    private readonly Witness _witness;
    private readonly string _type;
    private readonly Dictionary<string, JsonElement> _fields = [];
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Opens a payload.</summary>
    /// <exception cref="RefusedException">It is not an object, or names a field twice.</exception>
    public PayloadFields(Witness witness, string type, JsonElement payload)
    {
        (_witness, _type) = (witness, type);
        if (payload.ValueKind != JsonValueKind.Object) throw RefusedException.Invalid("The payload is not a JSON object; expected { ... }.");
        foreach (var property in payload.EnumerateObject())
            if (!_fields.TryAdd(JsonText.NameOf(property), property.Value))
                throw RefusedException.Invalid($"The payload names the field '{JsonText.NameOf(property)}' twice.");
    }

    public string Text(string name) => TextOrNull(name) ?? throw Missing(name, "a text");

    public string? TextOrNull(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Whole(name, text),
        _ => throw Wrong(name, "a text"),
    };

    public int? NumberOrNull(string name, int min, int max) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) && value >= min && value <= max => value,
        _ => throw Wrong(name, $"a whole number from {min} to {max}"),
    };

    public T Word<T>(string name) where T : struct, Enum
    {
        var words = string.Join(", ", Enum.GetNames<T>().Select(word => word.ToLowerInvariant()));
        var text = TextOrNull(name) ?? throw Missing(name, $"one of {words}");
        foreach (var value in Enum.GetValues<T>())
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase)) return value; // Enum.TryParse would also take numbers and lists
        throw Wrong(name, $"one of {words}");
    }

    public AgentId Agent(string name) => AgentOrNull(name) ?? throw Missing(name, "an agent");

    public AgentId? AgentOrNull(string name) => TextOrNull(name) is { } text ? _witness.Agent(text) : null;

    public ImmutableArray<AgentId>? AgentsOrNull(string name) => TextsOrNull(name) is { } texts ? [.. texts.Select(_witness.Agent)] : null;

    public EventId Event(string name) => EventOrNull(name) ?? throw Missing(name, "an event, such as gandalf:12");

    public EventId? EventOrNull(string name) => TextOrNull(name) is { } text ? _witness.OwnEvent(text) : null;

    public ImmutableArray<EventId>? EventsOrNull(string name) =>
        TextsOrNull(name) is { } texts ? [.. texts.Select(_witness.OwnEvent)] : null;

    public long? LongOrNull(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) && value >= 0 => value,
        _ => throw Wrong(name, "a whole number from 0"),
    };

    /// <summary>Checks that nothing was written which nobody would read.</summary>
    /// <exception cref="RefusedException">There is a field that the type does not have.</exception>
    public void RequireNoOthers()
    {
        foreach (var name in _fields.Keys)
            if (!_known.Contains(name)) throw RefusedException.Invalid($"{_type} has no field '{name}'; it has " +
                $"{string.Join(", ", _known)}.");
    }

    private List<string>? TextsOrNull(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } array =>
        [
            .. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? Whole(name, item) : throw Wrong(name, "a list of texts")),
        ],
        _ => throw Wrong(name, "a list of texts"),
    };

    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return _fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private RefusedException Missing(string name, string expected) =>
        RefusedException.Invalid($"{_type} needs the field '{name}'; expected {expected}.");

    private RefusedException Wrong(string name, string expected) => RefusedException.Invalid($"The field '{name}' of {_type} is " +
        $"{_fields[name].GetRawText()}; expected {expected}.");

    private string Whole(string name, JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "a text of whole characters, not half of a surrogate pair");
        }
    }
}
