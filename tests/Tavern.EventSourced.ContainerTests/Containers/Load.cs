using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>Constant appends at every node of a tavern, until it is stopped: each is repeated under its key until it is acknowledged.</summary>
internal sealed class Load : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40); // between two appends of one writer, so that two cores have time for the rest

    private static int _loads; // texts differ from load to load

    private readonly TavernOfContainers _tavern;
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _number = Interlocked.Increment(ref _loads);
    private readonly ConcurrentDictionary<string, int> _written = new();
    private readonly ConcurrentDictionary<string, string> _last = new(); // by member, the id that was acknowledged last
    private readonly Task[] _writers;

    private Load(TavernOfContainers tavern, CancellationToken cancellationToken)
    {
        _tavern = tavern;
        _writers = [.. tavern.Members.Select(member => WriteAsync(member, cancellationToken))];
    }

    public static Load Start(TavernOfContainers tavern, CancellationToken cancellationToken) => new(tavern, cancellationToken);

    /// <summary>Waits until so many more appends are acknowledged at each of these members.</summary>
    public async Task MoreAsync(int appends, IEnumerable<ContainerMember> members, CancellationToken cancellationToken)
    {
        var goals = members.ToDictionary(member => member.Name, member => _written.GetValueOrDefault(member.Name) + appends);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (goals.Any(goal => _written.GetValueOrDefault(goal.Key) < goal.Value))
        {
            if (_writers.FirstOrDefault(writer => writer.IsFaulted) is { } broken) await broken;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The next append that a member begins and acknowledges. Returns its id.</summary>
    public async Task<string> NextAsync(ContainerMember member, CancellationToken cancellationToken)
    {
        await MoreAsync(2, [member], cancellationToken); // the first of them may have begun before
        return _last[member.Name];
    }

    /// <summary>Lets each writer finish what it has begun, and stops.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_writers);
        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task WriteAsync(ContainerMember member, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause);
        for (var i = 1; !_stopping.IsCancellationRequested; i++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{member.Name} {_number}.{i}");
            var write = new WriteEvent(member.Name, nameof(DiscoveryShared), JsonSerializer.SerializeToElement(new { text })) { IdempotencyKey = text };
            var written = await member.InsistAsync(write, cancellationToken);
            Assert.True(_tavern.Acknowledged.TryAdd(text, written.Event.Id), $"{text} was acknowledged twice");
            _last[member.Name] = written.Event.Id;
            _written.AddOrUpdate(member.Name, 1, (_, count) => count + 1);
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
