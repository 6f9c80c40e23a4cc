using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Chapter 5: the founder is killed. The others go on; then he comes back from his log.</summary>
internal static class Crash
{
    /// <summary>Tells it.</summary>
    public static async Task TellAsync(Scene scene)
    {
        var (cast, stage) = (scene.Cast, scene.Stage);
        stage.Chapter("Jake is killed", "\"I was just resting my eyes.\"");
        long written = 0;
        await stage.StepAsync("Jake writes a last line. It is on disk before he is told so.", async () =>
        {
            var line = await scene.AskAsync(cast.Jake, Act.Send("jake", "Last orders."));
            written = (await scene.AskAsync(cast.Jake, new GetClock("jake"))).LogLength;
            return new Outcome(true, $"{line.Event.Name}, {written} events in his log");
        });
        await stage.StepAsync("His process is killed with SIGKILL.", async () =>
        {
            var pid = cast.Jake.Pid;
            await cast.Jake.KillAsync();
            return new Outcome(!Directory.Exists($"/proc/{pid}"), $"process {pid} is gone");
        });
        await stage.StepAsync("The others go on: Gandalf vouches for Bilbo, on his own node.", async () =>
        {
            var bilbo = await scene.AskAsync(cast.Gandalf, new SpawnAgent("gandalf", "bilbo", "burglar"));
            var known = await scene.UntilAsync(cast.Gandalf, new GetKnowers(bilbo.Event.Name), answer => answer.AtLeast >= 5);
            return new Outcome(known.AtLeast >= 5, $"{bilbo.Event.Name} is known to {known.AtLeast} of {known.Of}");
        });
        WhyAnswer? why = null;
        await stage.StepAsync("Asked about Jake, they say what they can prove, and who is silent.", async () =>
        {
            why = await scene.UntilAsync(cast.Frodo, new ExplainBelief("jake", "gandalf"), answer => answer is { Verdict: "unreachable", Own.Value: "done" });
            return new Outcome(why is { Verdict: "unreachable", Own.Value: "done" }, $"{why.Verdict}; {EvidenceText.Silent(why.Asked)}");
        });
        if (why is not null) stage.Show("frodo", "tavern why jake gandalf", why, WhyText.Show);
        await stage.StepAsync("Jake's node starts again, and rebuilds everything from his log.", async () =>
        {
            await cast.Jake.StartAsync(scene.CancellationToken);
            var clock = await scene.AskAsync(cast.Jake, new GetClock("jake"));
            return new Outcome(clock.LogLength >= written, $"{clock.LogLength} events, process {cast.Jake.Pid}");
        });
    }
}
