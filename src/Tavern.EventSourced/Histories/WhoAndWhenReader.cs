using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Histories;

/// <summary>Reads a group chat: <c>history</c> lists who said what, in order. Everybody heard everything before, so each message has the
/// one before it as its cause. The files carry no times.</summary>
internal sealed class WhoAndWhenReader(HistorySource source)
{
    private readonly SpeakerList _speakers = new(source.File);
    private readonly List<RecordedEvent> _events = [];

    public RecordedHistory Read()
    {
        using var json = Parse(HistoryEncoding.TextOf(source));
        var root = json.RootElement;
        var history = ListOf(root);
        if (history.GetArrayLength() is 0) throw Refuse("history", "the list is empty.", "Expected at least one message; there is nothing to import.");
        if (history.GetArrayLength() > HistoryLimits.EventsMax)
            throw Refuse("history", $"the list has {history.GetArrayLength()} messages; the limit is {HistoryLimits.EventsMax}.", "Split the file.");

        var entries = history.EnumerateArray().ToList();
        var roles = new List<(int Speaker, string? Listener)>(entries.Count);
        for (var i = 0; i < entries.Count; i++) roles.Add(SpeakerOf(entries[i], i));
        for (var i = 0; i < entries.Count; i++) Add(entries[i], i, roles[i]);
        return new RecordedHistory(HistoryFormat.WhoAndWhen, source.File, Hash.Of(source.Content.Span), _speakers.Names, [.. _events])
        {
            Verdict = root.ValueKind is JsonValueKind.Object ? VerdictOf(root) : null,
        };
    }

    /// <summary>The messages: the list 'history', or the whole file where it is nothing but such a list.</summary>
    private JsonElement ListOf(JsonElement root)
    {
        if (root.ValueKind is JsonValueKind.Array)
            return root.GetArrayLength() == 0 || root.EnumerateArray().Any(entry => entry.ValueKind is JsonValueKind.Object && entry.TryGetProperty("content", out _))
                ? root
                : throw Refuse(null, "the top level is a list in which nothing has 'content'.", "Expected a list of messages with 'name' or 'role', and 'content'; is it the right file?");
        if (root.ValueKind is not JsonValueKind.Object)
            throw Refuse(null, $"the top level is {WordOf(root)}.", "Expected one JSON object with the list 'history'; wrap or convert the file.");
        return root.TryGetProperty("history", out var history) && history.ValueKind is JsonValueKind.Array
            ? history
            : throw Refuse(null, "there is no list 'history'.", "Expected {\"history\": [{\"name\": ..., \"content\": ...}, ...]}; is it the right file?");
    }

    /// <summary>Who speaks: the name; where there is none, the role up to its brackets.</summary>
    private (int Speaker, string? Listener) SpeakerOf(JsonElement entry, int index)
    {
        var place = PlaceOf(index);
        if (entry.ValueKind is not JsonValueKind.Object) throw Refuse(place, $"the message is {WordOf(entry)}.", "Expected an object with 'name' or 'role', and 'content'.");
        var role = Text(entry, "role", place) is { } said ? SpeakerRole.Parse(said) : default;
        var name = Text(entry, "name", place);
        var speaker = string.IsNullOrWhiteSpace(name) ? role.Speaker : name;
        return string.IsNullOrWhiteSpace(speaker)
            ? throw Refuse(place, "the message has neither 'name' nor 'role'.", "Expected one of them to say who speaks; add it.")
            : (_speakers.IndexOf(speaker, place), role.Listener);
    }

    private void Add(JsonElement entry, int index, (int Speaker, string? Listener) said)
    {
        RecordedId? before = _events.Count > 0 ? _events[^1].Id : null;
        var (text, isJson) = entry.TryGetProperty("content", out var content) ? TextOf(content) : ("", false); // only calls of tools: nothing was said
        var listener = said.Listener is { } to ? _speakers.Find(to) : null;
        ImmutableArray<RecordedId> cause = before is { } one ? [one] : [];
        _events.Add(new RecordedEvent(
            _speakers.Next(said.Speaker), default, before?.Speaker == said.Speaker ? [] : cause, cause,
            new RecordedContent.Message(text, isJson, Text(entry, "role", PlaceOf(index)), listener)));
        RecordedSize.Require(source.File, PlaceOf(index), _events[^1].Content);
    }

    /// <summary>What the file says about itself, and the event it names.</summary>
    private RecordedVerdict VerdictOf(JsonElement root)
    {
        var (agent, step) = (Said(root, "mistake_agent"), Said(root, "mistake_step"));
        var mistake = RecordedMistake.Find(agent, step, _speakers.Names, _events);
        return new RecordedVerdict(Said(root, "question"), Said(root, "ground_truth"), agent, step, Said(root, "mistake_reason"), mistake.Event) { Doubt = mistake.Doubt };
    }

    private static string? Said(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? TextOf(value).Text : null;

    /// <summary>A field that must be a text if it is there.</summary>
    private string? Text(JsonElement entry, string name, string place)
    {
        if (!entry.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null) return null;
        if (value.ValueKind is not JsonValueKind.String) throw Refuse(place, $"'{name}' is {WordOf(value)}.", "Expected a text.");
        return TextOf(value) is (var text, false) ? text : throw Refuse(place, $"'{name}' holds half a surrogate pair.", "Expected whole characters; repair it.");
    }

    /// <summary>A text as it is; anything else as its JSON, so that nothing is lost.</summary>
    private static (string Text, bool IsJson) TextOf(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.String) return (value.GetRawText(), true);
        try
        {
            return (value.GetString()!, false);
        }
        catch (InvalidOperationException)
        {
            return (value.GetRawText(), true); // half a surrogate pair: JSON can write it, text cannot hold it
        }
    }

    private JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = HistoryLimits.JsonDepthMax });
        }
        catch (JsonException e)
        {
            throw IsTooDeep(text)
                ? Refuse($"line {e.LineNumber + 1}", $"the JSON goes deeper than {HistoryLimits.JsonDepthMax} levels.", "Expected lists and objects less deep within each other; flatten them in a copy of the file.")
                : Refuse($"line {e.LineNumber + 1}", $"the file is not JSON from byte {e.BytePositionInLine + 1} of the line on.", "Expected one JSON object; repair it.");
        }
    }

    /// <summary>Whether depth is what the text fails for, and not what comes before.</summary>
    private static bool IsTooDeep(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = HistoryLimits.JsonDepthMax + 2 });
        try
        {
            while (reader.Read())
                if (reader.CurrentDepth >= HistoryLimits.JsonDepthMax) return true;
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    private static string PlaceOf(int index) => string.Create(CultureInfo.InvariantCulture, $"history[{index}]");

    private static string WordOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private MalformedHistoryException Refuse(string? place, string what, string next) => new(source.File, place, what, next);
}
