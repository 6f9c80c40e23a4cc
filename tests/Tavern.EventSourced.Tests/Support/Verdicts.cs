using System.Diagnostics;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Node.Transports;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Real nodes (jake, gandalf, legolas: one each, as many as wanted), the doors to them, and somebody who stands at jake's line.</summary>
public sealed class Verdicts : IAsyncDisposable
{
    private readonly InProcessHub _hub;

    private Verdicts(TestNodes nodes, InProcessHub hub, TamperedTransport line) => (Nodes, _hub, JakesLine) = (nodes, hub, line);

    public TestNodes Nodes { get; }

    public TamperedTransport JakesLine { get; }

    public static async Task<Verdicts> StartAsync(int count)
    {
        var hub = new InProcessHub();
        TamperedTransport? line = null;
        var nodes = await TestNodes.StartAsync(count, change: (number, options) => options with
        {
            // A reservation outlives every test: what was asked for stays asked for. Who sent something bad is soon asked again.
            Gossip = options.Gossip with { ReservationMin = TestNodes.Deadline * 10, DefaulterTime = TimeSpan.FromMilliseconds(50) },
            Transport = _ => number == 0 ? line = new TamperedTransport(hub.Create("node0")) : hub.Create($"node{number}"),
        });
        for (var i = 1; i < count; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        await nodes.UntilConvergedAsync();
        return new Verdicts(nodes, hub, line!);
    }

    /// <summary>The line of one more node.</summary>
    public Func<Uri, ITransport> NewLine(string name) => _ => _hub.Create(name);

    /// <summary>Sends a request to a node.</summary>
    public async Task<TAnswer> SendAsync<TAnswer>(int node, MediatR.IRequest<TAnswer> request)
    {
        await using var door = new LocalDoor(Nodes.Nodes[node]);
        return await door.SendAsync(request, CancellationToken.None);
    }

    /// <summary>An agent says what it does; the event.</summary>
    public async Task<EventId> ReportAsync(int node, string name, string state) => EventId.Parse((await SendAsync(node, Act.Report(name, state))).Event.Id);

    /// <summary>What a node says about why jake does not believe what gandalf believes of himself.</summary>
    public Task<WhyAnswer> WhyAsync(int node = 0, string subject = "gandalf", string field = "state") => SendAsync(node, new ExplainBelief("jake", subject, field));

    /// <summary>Asks again until the verdict and the reason are these and some line says <paramref name="text"/>: a peer that did not
    /// answer while the nodes started is down for that reason until it is called again.</summary>
    public async Task<WhyAnswer> UntilAsync(string verdict, string? reason = null, int node = 0, string subject = "gandalf", string text = "")
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var why = await WhyAsync(node, subject);
            if (why.Verdict == verdict && why.Reason == reason && why.Evidence.Append(why.Cause).Any(line => line.Contains(text, StringComparison.Ordinal))) return why;
            Assert.True(Stopwatch.GetElapsedTime(started) < TestNodes.Deadline, $"expected {verdict} {reason} {text}, got {why.Verdict} {why.Reason}: {why.Cause} {string.Join(' ', why.Evidence.Concat(why.Asked.Select(asked => $"{asked}")))}");
            await timer.WaitForNextTickAsync();
        }
    }

    public ValueTask DisposeAsync() => Nodes.DisposeAsync();
}
