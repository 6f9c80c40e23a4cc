using System.Text.Json;
using System.Text.Json.Nodes;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>Pages of a log that grows while it is read, at its own node and by late deliveries from another, with any filter, page size and
/// bound, in both directions: against a look at everything.</summary>
public sealed class LogSearchProperties : IAsyncLifetime
{
    private const int Walks = 40;

    private static readonly string[] Types = ["com.example.found", "com.example.lost", "StatusChecked"];
    private static readonly string[] Texts = ["caf\\u00e9", "café", "CAFÉ noir", "the west gate", "\\ud83c\\udf7a", "half \\ud800 a pair", "tab\\there", "status"];
    private static readonly string[] Queries = ["café", "CAFÉ", "west GATE", "🍺", "\ufffd a", "\t", "STATUS", "example.found", "nothing says this"];

    private TestNodes _nodes = null!;

    public async Task InitializeAsync() => _nodes = await TestNodes.StartAsync(2);

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Theory]
    [InlineData(1ul)]
    [InlineData(2ul)]
    public async Task Pages_join_to_exactly_what_fits_whatever_arrives_meanwhile(ulong seed)
    {
        var random = new SplitMix64(seed);
        await using var jake = new LocalDoor(_nodes.Nodes[0]);
        await using var gandalf = new LocalDoor(_nodes.Nodes[1]);
        await jake.SendAsync(new SpawnAgent("jake", "frodo"), CancellationToken.None);
        await _nodes.UntilConvergedAsync();
        for (var i = 0; i < 120; i++) await GrowAsync();

        for (var walk = 0; walk < Walks; walk++)
        {
            var (filter, since) = await RandomFilterAsync();
            var (limit, forward) = (1 + random.Below(40), random.Below(2) == 0);
            var limits = new LookLimits
            {
                EventsMax = 1 + random.Below(300),
                StretchEventsMax = 1 + random.Below(150),
                StretchBytesMax = 1 + random.Below(50_000),
                PageBytesMax = 1 + random.Below(20_000),
                BytesMax = 1 + random.Below(200_000),
            };
            var where = $"seed {seed}, walk {walk}: {(forward ? "on" : "back")}, limit {limit}, {JsonSerializer.Serialize(filter)}";
            var observers = new Observers(_nodes.Nodes[0]);
            var resolved = await observers.ReadAsync("jake", witness => LogFilter.Of(witness, filter), CancellationToken.None);
            var pages = new LogPages(observers, resolved, limit, texts: true, limits);
            var (found, first, last) = (new List<LogEntry>(), long.MaxValue, 0L);
            long? cursor = forward ? random.Below(100) : null;
            var start = cursor;
            while (true)
            {
                var page = forward ? await pages.ForwardAsync(cursor!.Value, CancellationToken.None) : await pages.BackwardAsync(cursor, CancellationToken.None);
                Assert.True(page.Entries.Count <= limit, $"{where}: {page.Entries.Count} entries");
                Assert.True(page.LookedTo - page.LookedFrom + 1 < limits.EventsMax + 64 + limits.StretchEventsMax, $"{where}: looked at {page.LookedFrom}..{page.LookedTo}");
                if (forward) Assert.True(page.LookedFrom == (last == 0 ? cursor + 1 : last + 1), $"{where}: a gap before {page.LookedFrom}");
                else if (first != long.MaxValue) Assert.True(page.LookedTo == first - 1, $"{where}: a gap after {page.LookedTo}");
                found.InsertRange(forward ? found.Count : 0, page.Entries);
                (first, last) = (Math.Min(first, page.LookedFrom), Math.Max(last, page.LookedTo));
                if (random.Below(8) == 0) await GrowAsync();
                if (page.Complete) break;
                cursor = forward ? page.Next : page.Previous;
            }

            Assert.True(forward ? first == start + 1 : first == 1, $"{where}: begins at {first}");
            var expected = new List<long>();
            var whole = await LogAsync();
            for (var i = 0; i < whole.Count; i++)
                if (i + 1 >= first && i + 1 <= last && Fits(whole[i], filter, since)) expected.Add(i + 1);
            Assert.True(expected.SequenceEqual(found.Select(entry => entry.Delivery.Position)), $"{where}: expected {string.Join(' ', expected)}, found {string.Join(' ', found.Select(entry => entry.Delivery.Position))}");
            Assert.All(found, entry => Assert.Equal(whole[(int)entry.Delivery.Position - 1].Id, entry.Event.Id));
        }

        async Task<(EventFilter Filter, Dictionary<string, long>? Since)> RandomFilterAsync()
        {
            var wanted = new EventFilter();
            if (random.Below(3) == 0) wanted = wanted with { Agents = [random.Below(2) == 0 ? "gandalf" : "jake,frodo"] };
            if (random.Below(3) == 0) wanted = wanted with { Types = [Types[random.Below(3)], .. random.Below(2) == 0 ? ["agentspawned,com.example.FOUND"] : Array.Empty<string>()] };
            if (random.Below(2) == 0) wanted = wanted with { Text = Queries[random.Below(Queries.Length)] };
            if (random.Below(3) > 0) return (wanted, null);
            var length = (await jake.SendAsync(new ReadLog("jake", Limit: 1), CancellationToken.None)).LogLength;
            var answer = await jake.SendAsync(new ReadLog("jake", Limit: 1, After: random.Below((int)length)), CancellationToken.None);
            var shown = await jake.SendAsync(new ShowEvent(answer.Entries[0].Event.Name, "jake", Local: true), CancellationToken.None);
            return (wanted with { Since = shown.Event.Name }, ClockOf(shown.Clock));
        }

        async Task GrowAsync()
        {
            switch (random.Below(12))
            {
                case 0:
                    await gandalf.SendAsync(new SetGossip("gandalf", Paused: random.Below(2) == 0), CancellationToken.None);
                    break;
                case < 5:
                    await WriteAsync(gandalf, "gandalf");
                    break;
                default:
                    await WriteAsync(jake, random.Below(3) == 0 ? "frodo" : "jake");
                    break;
            }
        }

        Task WriteAsync(LocalDoor door, string agent)
        {
            var text = Texts[random.Below(Texts.Length)];
            var payload = random.Below(3) switch { 0 => $$"""{"deep":[1,{"er":"{{text}}"}]}""", 1 => $$"""{"{{text}}":1,"none":null}""", _ => $$"""{"text":"{{text}}","size":"{{new string('x', random.Below(3000))}}"}""" };
            return door.SendAsync(new WriteEvent(agent, Types[random.Below(3)], JsonElement.Parse(payload)), CancellationToken.None);
        }

        async Task<List<EventView>> LogAsync()
        {
            var events = new List<EventView>();
            await foreach (var view in (await jake.SendAsync(new ExportLog("jake"), CancellationToken.None)).Events) events.Add(view);
            return events;
        }
    }

    private static bool Fits(EventView view, EventFilter filter, Dictionary<string, long>? since)
    {
        if (filter.Agents.Count > 0 && !filter.Agents[0].Split(',').Contains(view.Agent.Name)) return false;
        if (filter.Types.Count > 0 && !filter.Types.SelectMany(types => types.Split(',')).Contains(view.Type, StringComparer.OrdinalIgnoreCase)) return false;
        if (since is not null && since.GetValueOrDefault(view.Agent.Id) >= view.Sequence) return false;
        return filter.Text is not { } text || new[] { view.Type }.Concat(TextsIn(view.Payload!.Value)).Any(value => value.Contains(text, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Text values by the framework's own reader, with its help out of half pairs.</summary>
    private static IEnumerable<string> TextsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => TextsIn(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(TextsIn),
        JsonValueKind.String => [JsonNode.Parse(element.GetRawText().Replace("\\ud800", "\\ufffd", StringComparison.Ordinal))!.GetValue<string>()],
        _ => [],
    };

    private static Dictionary<string, long> ClockOf(string cursor) =>
        cursor.Split(';').Select(part => part.Split('=')).ToDictionary(pair => pair[0], pair => long.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
}
