using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Records in the words of answers.</summary>
internal static class RecordText
{
    private const int BriefCharsMax = 200; // one or two lines of a terminal

    /// <summary><c>gandalf:42</c>, <c>gandalf@2:42</c>, <c>gandalf/1:42</c> on a branch.</summary>
    public static string NameOf(EventId id, Func<AgentId, string> nameOf) => string.Create(
        CultureInfo.InvariantCulture,
        $"{nameOf(id.Agent)}{(id.Epoch == 1 ? "" : $"@{id.Epoch}")}{(id.Branch == 0 ? "" : $"/{id.Branch}")}:{id.Sequence}");

    /// <summary>The record, with names as a witness knows them.</summary>
    public static EventView Show(EventRecord record, Witness witness) =>
        Show(record, witness.Names, record.Header.Deps is { } deps ? witness.History.Lines.Heads(deps) : []);

    /// <summary>The record, with names from a table; what it depends on is named as its writer did, without lines.</summary>
    public static EventView Show(EventRecord record, NameTable names) => Show(record, names, record.Header.Deps?.Heads ?? []);

    private static EventView Show(EventRecord record, NameTable names, IEnumerable<EventId> deps)
    {
        var (header, payload) = (record.Header, PayloadOf(record));
        return new EventView(
            record.Id.ToString(),
            NameOf(record.Id, names.DisplayNameOf),
            new AgentRef(header.Id.Agent.ToString(), names.DisplayNameOf(header.Id.Agent)),
            header.Id.Epoch, header.Id.Sequence, header.Type, header.TypeVersion, TimeOf(header), record.Hash.ToString(), header.Previous.ToString(),
            [.. header.Causes.Select(Ref)], [.. deps.Select(Ref)], header.TraceParent,
            header.PayloadHash.ToString(), record.Payload.Length, payload.Json, payload.Base64, payload.Note);

        EventRef Ref(EventId id) => new(id.ToString(), NameOf(id, names.DisplayNameOf));
    }

    /// <summary>The record in a line, with names from a table.</summary>
    public static EventBrief Brief(EventRecord record, NameTable names, bool texts)
    {
        var (id, header) = (record.Id, record.Header);
        return new EventBrief(
            id.ToString(), NameOf(id, names.DisplayNameOf), new AgentRef(id.Agent.ToString(), names.DisplayNameOf(id.Agent)), header.Type, TimeOf(header),
            texts ? PayloadText.WithNames(PayloadText.OneLine(PayloadOf(record).Json, record.Payload.Length, BriefCharsMax), Name) : null);

        string? Name(string hex) => names.DisplayNameOf(AgentId.Parse(hex));
    }

    /// <summary>The record with ids only.</summary>
    public static RecordAnswer WithIds(EventRecord record)
    {
        var (header, payload) = (record.Header, PayloadOf(record));
        return new RecordAnswer(
            record.Id.ToString(), header.Id.Agent.ToString(), header.Id.Epoch, header.Id.Sequence, header.Type, header.TypeVersion, TimeOf(header),
            record.Hash.ToString(), header.Previous.ToString(), [.. header.Causes.Select(cause => cause.ToString())],
            [.. (header.Deps?.Heads ?? []).Select(head => head.ToString())], header.TraceParent, header.PayloadHash.ToString(),
            record.Payload.Length, payload.Json, payload.Base64);
    }

    private static DateTimeOffset? TimeOf(EventHeader header) => header.Time.IsUnknown ? null : header.Time.Wall;

    /// <summary>JSON when it is JSON; the bytes too when it cannot be shown to the byte.</summary>
    private static (JsonElement? Json, string? Base64, string? Note) PayloadOf(EventRecord record)
    {
        var bytes = record.Payload.Span;
        try
        {
            if (Utf8.IsValid(bytes))
            {
                var json = JsonElement.Parse(bytes);
                var text = Encoding.UTF8.GetString(bytes);
                if (VerbatimJson.IsShown(text) && json.GetRawText() == text) return (json, null, null);
                return (json, Convert.ToBase64String(bytes), bytes.ContainsAny((byte)'\n', (byte)'\r')
                    ? "The payload spans several lines; payloadBase64 has its bytes."
                    : "The payload holds control characters or others that are not shown, or space around it; payloadBase64 has its bytes.");
            }
        }
        catch (JsonException)
        {
            // Nobody but its writer can say what it is: shown as bytes.
        }

        return (null, Convert.ToBase64String(bytes), "The payload is not JSON in UTF-8; payloadBase64 has its bytes.");
    }
}
