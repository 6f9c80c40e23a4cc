using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern spawn</c>: an agent vouches for a new one, here or on another node.</summary>
internal static class SpawnCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var name = Arg.Required("name", "The new agent's name: letters, digits, _ or -.");
        var role = Arg.Option<string>("--role", "TEXT", "What it is for.");
        var invite = Arg.Option<string>("--invite", "FILE", "Write an invitation, with which another node hosts it.");
        var validDays = Arg.Number("--valid-days", "DAYS", "How long the invitation may be used, 1 to 365; default 7.");
        var command = new CliCommand(
            "spawn",
            "Add an agent: on this node, or with --invite on another.",
            "spawn gandalf --role wizard",
            "spawn gandalf --invite gandalf.invitation --as jake")
        {
            Arguments = { name },
            Options = { role, invite, validDays },
            Details = "The agent that writes (--as) becomes the parent: it vouches for the new one.\nAn invitation holds the new agent's private key: hand it over in secret, once. The first to use it is the agent.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var newcomer = Names.Require(parse.GetRequiredValue(name), "an agent");
            var file = parse.GetValue(invite) is { } path ? host.Environment.FullPath(path) : null;
            using var place = file is null ? null : NewInvitation.At(file);
            await using var door = await host.OpenAsync(settings, write: true, cancellationToken);
            var parent = await Writer.ResolveAsync(door, settings.As, cancellationToken);
            if (place is null)
            {
                host.Show(settings.Output, await door.SendAsync(new SpawnAgent(parent, newcomer, parse.GetValue(role)), cancellationToken), ShowSpawned);
                return (int)ExitCode.Ok;
            }

            var invited = await door.SendAsync(new InviteAgent(parent, newcomer, parse.GetValue(role), ValidDays(parse.GetValue(validDays))), cancellationToken);
            host.Show(
                settings.Output,
                place.Write(invited, "was spawned", "a disk with room; the invitation held the only key, so nobody can be this agent now", "retire"),
                ShowInvited);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static int ValidDays(long? days) => (int)Math.Clamp(days ?? InviteAgent.ValidDaysDefault, int.MinValue, int.MaxValue);

    private static void ShowSpawned(Terminal terminal, SpawnedAnswer answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.Agent.Name), $" is here; {answer.Parent.Name} vouches for it ({answer.Event.Name}).");
        Hints.Write(terminal, ($"tavern report working --as {answer.Agent.Name}", "speak as it"), ("tavern status", "look"));
    }

    private static void ShowInvited(Terminal terminal, InvitationWritten answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.Agent.Name), $" is invited; {answer.Parent.Name} vouches for it ({answer.Event.Name}).");
        terminal.Line("  " + answer.File, Styled.Faint($"  holds its private key: hand it over in secret, once, before {Ages.Date(answer.Expires)}"));
        var folder = ShellWord.Of("./" + answer.Agent.Name);
        Hints.Write(terminal, ($"tavern join {ShellWord.Of(answer.File)} --data {folder}", "where it shall live"), ($"tavern node --data {folder}", "there, then"));
    }
}
