using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Chapter 2: a task, a question, a discovery. Everybody writes into its own log only; gossip does the rest.</summary>
internal static class WorkingDay
{
    /// <summary>Tells it.</summary>
    /// <returns>The task, for later chapters.</returns>
    public static async Task<string> TellAsync(Scene scene)
    {
        var cast = scene.Cast;
        scene.Stage.Chapter("A working day", "\"Nobody reports to me. They all keep a diary, and they gossip.\"");
        var task = await scene.WriteAsync("Jake creates a task.", cast.Jake, Act.CreateTask("jake", "Open the west gate"));
        await scene.WriteAsync("He gives it to Gandalf.", cast.Jake, Act.AssignTask("jake", task, "gandalf"));
        await scene.HearsAsync("Gandalf hears of it.", cast.Gandalf, task, cast.Jake);
        await scene.WriteAsync("He starts.", cast.Gandalf, Act.StartTask("gandalf", task));
        await scene.WriteAsync("He says that he is working.", cast.Gandalf, Act.Report("gandalf", "working", "reading the inscription", task));
        var question = await scene.WriteAsync("He asks what the inscription means.", cast.Gandalf, Act.Ask("gandalf", "\"Speak, friend, and enter\": which word?", ["frodo"]));
        await scene.HearsAsync("Frodo hears the question.", cast.Frodo, question, cast.Gandalf);
        var answer = await scene.WriteAsync("Frodo answers.", cast.Frodo, Act.Reply("frodo", question, "The Elvish one for friend."));
        await scene.WriteAsync("Gimli shares a discovery.", cast.Gimli, Act.Discover("gimli", "The west gate has no keyhole.", "west-gate"));
        await scene.HearAsync("The answer reaches everybody.", cast.All.Count, answer, cast.Frodo);
        await scene.ConvergedAsync("All five have the same events again.", cast.Legolas, cast.All.Count - 1);
        var names = new AgentNames((await scene.AskAsync(cast.Legolas, new GetAgents())).Agents.Select(row => row.Agent));
        await scene.ShowAsync("tavern log gandalf", cast.Legolas, new ReadLog(Filter: new EventFilter { Agents = ["gandalf"] }), (terminal, log) => LogText.Show(terminal, log, names, "tavern log gandalf", forward: false));
        return task;
    }
}
