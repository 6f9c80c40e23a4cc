namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Waits for something that comes about on its own.</summary>
internal sealed class Until(TimeProvider time, CancellationToken cancellationToken)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(25); // below what an eye sees
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20); // several times the longest back-off between two rounds

    /// <summary>Looks until it holds; after 20 s returns what was found last.</summary>
    public async Task<TAnswer> HoldsAsync<TAnswer>(Func<Task<TAnswer>> look, Func<TAnswer, bool> holds)
    {
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(LookInterval, time);
        while (true)
        {
            var found = await look();
            if (holds(found) || time.GetElapsedTime(started) > WaitMax) return found;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
