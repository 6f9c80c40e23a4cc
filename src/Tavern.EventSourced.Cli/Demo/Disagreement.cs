using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Chapter 3: Jake is cut off from news, and two agents disagree. Why?</summary>
internal static class Disagreement
{
    /// <summary>Tells it.</summary>
    public static async Task TellAsync(Scene scene, string task)
    {
        var (cast, stage) = (scene.Cast, scene.Stage);
        stage.Chapter("Two of them disagree", "\"I was in the cellar. Nobody tells me anything in the cellar.\"");
        await stage.StepAsync("Jake's gossip is paused: no news reaches him.", async () =>
        {
            var gossip = await scene.AskAsync(cast.Jake, new SetGossip("jake", Paused: true));
            return new Outcome(gossip.Paused, "gossip pause --as jake");
        });
        var done = await scene.WriteAsync("Gandalf says that he is done.", cast.Gandalf, Act.Report("gandalf", "done", "mellon", task));
        await scene.HearAsync("The other three hear it from each other.", cast.All.Count - 1, done, cast.Gandalf);
        await stage.StepAsync("Jake still thinks that Gandalf is working.", async () =>
        {
            var all = await scene.UntilAsync(cast.Frodo, new GetDisagreements(), answer => answer.Disagreements.Any(IsJakes));
            var one = all.Disagreements.FirstOrDefault(IsJakes);
            return new Outcome(one is { Observed: "working", Own: "done" }, one is null ? "no disagreement was found" : $"Jake: {one.Observed}, Gandalf: {one.Own}");
        });
        WhyAnswer? why = null;
        await stage.StepAsync("Asked why, the tavern names the event that Jake has not heard.", async () =>
        {
            why = await scene.AskAsync(cast.Frodo, new ExplainBelief("jake", "gandalf"));
            return new Outcome(why.Verdict is "not-heard" && why.Missing?.Last.Name == done, $"{why.Verdict}: {why.Missing?.Last.Name ?? "no event"}");
        });
        if (why is not null) stage.Show("frodo", "tavern why jake gandalf", why, WhyText.Show);
        await scene.ShowAsync($"tavern told {done}", cast.Frodo, new GetSpread(done), ToldText.Show);
        await stage.StepAsync("Jake gossips again, and hears it.", async () =>
        {
            await scene.AskAsync(cast.Jake, new SetGossip("jake", Paused: false));
            var healed = await scene.UntilAsync(cast.Jake, new ExplainBelief("jake", "gandalf"), answer => answer.Verdict is "agree");
            var spread = await scene.AskAsync(cast.Jake, new GetSpread(done));
            return new Outcome(healed.Verdict is "agree", $"{done} from {spread.Hearers.FirstOrDefault(hearer => hearer.Agent.Name == "jake")?.From?.Name ?? "nobody"}");
        });
    }

    private static bool IsJakes(Node.Requests.Disagreement one) => one is { Observer.Name: "jake", Subject.Name: "gandalf", Field: "state" };
}
