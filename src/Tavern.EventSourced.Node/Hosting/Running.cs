using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What a running node has besides.</summary>
internal sealed record Running(
    NodeLoop Loop,
    Task Looping,
    ITransport Transport,
    Uri Address,
    NodeProofs Proofs,
    Appends Appends,
    AppendQueue Queue,
    NewsBoard News,
    Outstanding Outstanding,
    CancellationTokenSource Stopping,
    Func<HostedName, EcdsaSigner, RecoveredLog, bool, HostedAgent> NewAgent)
{
    private static readonly TimeSpan FinishTime = TimeSpan.FromMilliseconds(400); // some commits of a slow disk; a stop takes less than a second

    /// <summary>Stops in the order in which things were started, backwards. Nobody is left waiting.</summary>
    public async Task StopAsync()
    {
        var emptied = Queue.CloseAsync(Appends.Stopping());
        var disconnected = Transport.DisposeAsync().AsTask();
        await Task.WhenAny(emptied, Task.Delay(FinishTime)).ConfigureAwait(false);
        await Stopping.CancelAsync().ConfigureAwait(false);
        await disconnected.ConfigureAwait(false);
        await Looping.ConfigureAwait(false);
        await Outstanding.WhenAllEndedAsync().ConfigureAwait(false);
        Proofs.Dispose();
        Stopping.Dispose();
    }

    /// <summary>Once the store is closed too.</summary>
    public void Stopped()
    {
        Loop.NoteStop();
        Loop.Dispose();
    }
}
