using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Chapter 6: everybody has the same events, and so the same view.</summary>
internal static class Agreement
{
    /// <summary>Tells it.</summary>
    public static async Task TellAsync(Scene scene)
    {
        var (cast, stage) = (scene.Cast, scene.Stage);
        stage.Chapter("Everyone agrees", "\"On the house.\"");
        await scene.WriteAsync("Jake writes again, where he left off.", cast.Jake, Act.Report("jake", "working", "back behind the bar"));
        await scene.ConvergedAsync("All six have the same events.", cast.Jake, cast.All.Count);
        await stage.StepAsync("The same events make the same view, on every node.", async () =>
        {
            var hashes = await Task.WhenAll(cast.All.Select(async member => (await scene.AskAsync(member, new GetState(member.Name))).ViewHash));
            return new Outcome(hashes.Distinct().Count() == 1, $"view {hashes[0][..12]} five times");
        });
        await stage.StepAsync("Nobody disagrees with anybody.", async () =>
        {
            var answer = await scene.AskAsync(cast.Jake, new GetDisagreements());
            return new Outcome(answer.Disagreements.Count == 0 && answer.Asked.All(one => one.Answered), $"{answer.Asked.Count} asked");
        });
        await stage.StepAsync("Jake's log replays: every hash, link and cause holds.", async () =>
        {
            var replay = await scene.AskAsync(cast.Jake, new ReplayLog("jake"));
            return new Outcome(replay.Verified, replay.Verified ? $"{replay.Events} events, view {replay.ViewHash[..12]}" : string.Join("; ", replay.Faults));
        });
        await scene.ShowAsync("tavern status", cast.Jake, new GetStatus(), StatusText.Show);
    }
}
