using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>A founded tavern in a temporary folder, and nodes on it.</summary>
internal sealed class BenchTavern : IAsyncDisposable
{
    public const int PayloadBytes = 200;

    private readonly string _root = Directory.CreateTempSubdirectory("tavern-bench-").FullName;

    public AgentId Jake { get; private set; }

    public TavernNode Node { get; private set; } = null!;

    /// <param name="store">Where its log is; null: in its folder.</param>
    public static async Task<BenchTavern> StartAsync(StoreFile? store = null)
    {
        var tavern = new BenchTavern();
        store?.Write(tavern.Data("jake"));
        tavern.Jake = await TavernFounding.FoundAsync(tavern.Data("jake"), tavern.Keys("jake"), "bench", "jake", TimeProvider.System, CancellationToken.None);
        await tavern.OpenAsync();
        return tavern;
    }

    public string PathOf(string name) => Path.Combine(_root, name);

    public NodeOptions OptionsOf(string name) => new() { DataFolder = Data(name), KeysFolder = Keys(name) };

    public async Task OpenAsync() => Node = await TavernNode.StartAsync(OptionsOf("jake"), CancellationToken.None);

    /// <summary>A message whose payload has 200 bytes of JSON.</summary>
    public static EventDraft Draft(int number)
    {
        var text = $"message {number} ";
        return EventCatalogue.Draft(new MessageSent(text + new string('x', PayloadBytes - text.Length - """{"text":""}""".Length)));
    }

    public async Task AppendAsync(int from, int count)
    {
        ImmutableArray<EventDraft> drafts = [.. Enumerable.Range(from, count).Select(Draft)];
        await Node.AppendAsync(Jake, drafts, AppendConditions.None, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private string Data(string name) => PathOf(name + "-data");

    private string Keys(string name) => PathOf(name + "-keys");
}
