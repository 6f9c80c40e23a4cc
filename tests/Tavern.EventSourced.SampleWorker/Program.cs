using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Embedding;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.SampleWorker;

// Does the tasks that are assigned to the agent of a data folder: start, step by step, done. Ends when its standard input closes.
// Kill it at any moment and start it again: it goes on with the step it was at, and no step is ever taken twice.
if (args is not [var dataFolder, var keysFolder])
{
    await Console.Error.WriteLineAsync("Usage: Tavern.EventSourced.SampleWorker DATA_FOLDER KEYS_FOLDER, both made by: tavern join INVITATION");
    return 2;
}

var gossip = new GossipOptions { RoundInterval = TimeSpan.FromMilliseconds(100), RoundIntervalMax = TimeSpan.FromMilliseconds(400) };
await using var worker = await TavernAgent.OpenAsync(dataFolder, new TavernAgentOptions { KeysFolder = keysFolder, Gossip = gossip, Api = false });
await using var work = await worker.SubscribeAsync("work", cause => TaskSteps.Take(worker.Id, cause), TaskSteps.Options);

// An effect outside the subscription's commit: it may be tried twice, and the cause's id as its key lets it count once.
await using var diary = await worker.SubscribeAsync(
    "diary",
    async (cause, cancellationToken) =>
    {
        if (cause.Id.Agent != worker.Id || cause.Body is not TaskCompleted done) return;
        EventId note = await worker.AppendAsync(
            new DiscoveryShared($"{worker.Name} finished {done.Task}"), new AppendConditions { IdempotencyKey = $"diary/{cause.Id}" }, cancellationToken);
        await Console.Out.WriteLineAsync($"noted {note}");
    },
    TaskSteps.Options);
await Console.Out.WriteLineAsync("up");

while (await Console.In.ReadLineAsync() is not null)
{
    // Nobody is expected to say anything; only the end counts.
}

return 0;
