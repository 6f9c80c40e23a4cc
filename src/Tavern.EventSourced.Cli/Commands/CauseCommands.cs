using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>What led to what: <c>causes</c>, <c>effects</c>, <c>relation</c>.</summary>
internal static class CauseCommands
{
    private const long LimitDefault = 100; // a few screens

    /// <summary><c>tavern causes</c>.</summary>
    public static CliCommand Causes(CommandHost host) => Walk(
        host,
        "causes",
        "What an event's author declares as its reasons, and theirs, back to the first.",
        (@event, observer, depth, limit, texts) => new GetCauses(@event, observer, depth, limit, texts),
        CausesText.ShowCauses);

    /// <summary><c>tavern effects</c>.</summary>
    public static CliCommand Effects(CommandHost host) => Walk(
        host,
        "effects",
        "What declares an event as its reason, and what declares that.",
        (@event, observer, depth, limit, texts) => new GetEffects(@event, observer, depth, limit, texts),
        CausesText.ShowEffects);

    /// <summary><c>tavern relation</c>.</summary>
    public static CliCommand Relation(CommandHost host)
    {
        var (a, b) = (Arg.Required("a", "An event, e.g. gandalf:3."), Arg.Required("b", "Another event, e.g. jake:7."));
        var observer = Arg.Observer();
        var command = new CliCommand("relation", "Whether one event is before another, and the shortest proof.", "relation gandalf:3 jake:7") { a, b, observer };
        host.Reads(command, parse => new GetRelation(parse.GetRequiredValue(a), parse.GetRequiredValue(b), parse.GetValue(observer)), RelationText.Show, answer => answer.Steps);
        return command;
    }

    private static CliCommand Walk(
        CommandHost host,
        string name,
        string description,
        Func<string, string?, int?, int, bool, MediatR.IRequest<CausesAnswer>> request,
        Action<Terminals.Terminal, CausesAnswer> show)
    {
        var @event = Arg.Required("event", "Which, e.g. gandalf:42.");
        var observer = Arg.Observer();
        var depth = Arg.Number("--depth", "N", "Most steps, from 1; by default all.");
        var limit = Arg.Number("--limit", "N", "Most lines, 1 to 1000; default 100, the nearest.");
        limit.Aliases.Add("-n");
        var noText = Arg.Flag("--no-text", "Leave out what payloads say.");
        var command = new CliCommand(name, description, $"{name} gandalf:42", $"{name} gandalf:42 --depth 1 --no-text") { @event, observer, depth, limit, noText };
        host.Reads(
            command,
            parse => request(
                parse.GetRequiredValue(@event), parse.GetValue(observer), Small(parse.GetValue(depth)), Small(parse.GetValue(limit) ?? LimitDefault)!.Value, !parse.GetValue(noText)),
            show,
            answer => answer.Lines);
        return command;
    }

    private static int? Small(long? number) => number is { } known ? (int)Math.Clamp(known, int.MinValue, int.MaxValue) : null;
}
