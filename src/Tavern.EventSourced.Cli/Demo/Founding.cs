using System.Text.Json;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Chapter 1: a tavern is founded and four are invited, each a process of its own.</summary>
internal static class Founding
{
    private const string Tavern = "prancing-pony";

    /// <summary>Tells it.</summary>
    /// <returns>False when it failed: then nothing can follow.</returns>
    public static async Task<bool> TellAsync(Scene scene)
    {
        var (cast, stage, cancellationToken) = (scene.Cast, scene.Stage, scene.CancellationToken);
        stage.Chapter("A tavern is founded", "\"Mind the step.\"");
        await stage.StepAsync("Jake founds prancing-pony and runs a node on it.", async () =>
        {
            await TavernFounding.FoundAsync(cast.Jake.Data, cast.Jake.Keys, Tavern, cast.Jake.Name, scene.Time, cancellationToken);
            await cast.Jake.StartAsync(cancellationToken);
            return new Outcome(true, $"process {cast.Jake.Pid}");
        });
        if (stage.Failed > 0) return false;
        await stage.StepAsync("He vouches for four more; each starts a node, knowing only Jake.", async () =>
        {
            foreach (var guest in cast.Guests)
            {
                var invited = await scene.AskAsync(cast.Jake, new InviteAgent(cast.Jake.Name, guest.Name));
                var invitation = Invitation.FromJson(JsonSerializer.SerializeToUtf8Bytes(invited.Invitation, JsonElementJson.Default.JsonElement));
                await TavernFounding.JoinAsync(guest.Data, guest.Keys, invitation, TimeProvider.System, cancellationToken);
            }

            await Task.WhenAll(cast.Guests.Select(guest => guest.StartAsync(cancellationToken)));
            return new Outcome(true, $"processes {string.Join(", ", cast.Guests.Select(guest => guest.Pid))}");
        });
        if (stage.Failed > 0) return false;
        await scene.ConvergedAsync("All five know each other, and have the same events.", cast.Gimli, cast.All.Count - 1);
        await scene.ShowAsync("tavern agents", cast.Gimli, new GetAgents(), (terminal, answer) => AgentsText.ShowRows(terminal, answer.Agents));
        return stage.Failed == 0;
    }
}
