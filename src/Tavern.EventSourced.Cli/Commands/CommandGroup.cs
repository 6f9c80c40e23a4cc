namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Commands that help shows together.</summary>
/// <param name="Title">What they are for.</param>
/// <param name="Commands">In the order help shows them.</param>
internal sealed record CommandGroup(string Title, IReadOnlyList<CliCommand> Commands);
