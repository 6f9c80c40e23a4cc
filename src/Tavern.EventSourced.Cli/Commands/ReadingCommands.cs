using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Looking around: <c>status</c>, <c>agents</c>, <c>clock</c>, <c>lag</c>.</summary>
internal static class ReadingCommands
{
    /// <summary><c>tavern status</c>.</summary>
    public static CliCommand Status(CommandHost host)
    {
        var observer = Arg.Observer();
        var command = new CliCommand("status", "Who is here, do they agree, how much disk is used.", "status", "status --observer gandalf --json") { observer };
        host.Reads(command, parse => new GetStatus(parse.GetValue(observer)), StatusText.Show, answer => answer.Agents);
        return command;
    }

    /// <summary><c>tavern agents</c>.</summary>
    public static CliCommand Agents(CommandHost host)
    {
        var (observer, asOf) = (Arg.Observer(), Arg.AsOf());
        var command = new CliCommand("agents", "All agents that an observer knows.", "agents", "agents --as-of jake:3") { observer, asOf };
        command.Aliases.Add("members");
        host.Reads(command, parse => new GetAgents(parse.GetValue(observer), parse.GetValue(asOf)), AgentsText.Show, answer => answer.Agents);
        return command;
    }

    /// <summary><c>tavern clock</c>.</summary>
    public static CliCommand Clock(CommandHost host)
    {
        var observer = Arg.Observer();
        var command = new CliCommand("clock", "An observer's vector clock: how much it has of whom.", "clock", "clock --observer gandalf") { observer };
        host.Reads(command, parse => new GetClock(parse.GetValue(observer)), ClockText.Show, answer => answer.Entries);
        return command;
    }

    /// <summary><c>tavern lag</c>.</summary>
    public static CliCommand Lag(CommandHost host)
    {
        var (observer, deadline) = (Arg.Observer(), Deadline.Option());
        var command = new CliCommand("lag", "Who is behind whom, and by how much. Asks the others.", "lag") { observer, deadline };
        host.Reads(command, parse => new GetLag(parse.GetValue(observer), Deadline.Of(parse, deadline)), LagText.Show, answer => answer.Agents);
        return command;
    }
}
