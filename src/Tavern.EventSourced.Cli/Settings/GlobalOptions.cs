using System.CommandLine;

namespace Tavern.EventSourced.Cli.Settings;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    /// <summary><c>--node</c>.</summary>
    public Option<string?> Node { get; } = new("--node") { Description = "Speak to the node at this API address.", HelpName = "URL", Recursive = true };

    /// <summary><c>--data</c>.</summary>
    public Option<string?> Data { get; } = new("--data") { Description = "The data folder of the tavern meant.", HelpName = "DIR", Recursive = true };

    /// <summary><c>--as</c>.</summary>
    public Option<string?> As { get; } = new("--as") { Description = "Write as this agent.", HelpName = "AGENT", Recursive = true };

    /// <summary><c>--keys</c>.</summary>
    public Option<string?> Keys { get; } = new("--keys") { Description = "The folder of private keys.", HelpName = "DIR", Recursive = true };

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Same as -o json.", Recursive = true };

    /// <summary><c>--output</c>.</summary>
    public Option<string?> Output { get; } = new("--output", "-o") { Description = "text, json or ndjson.", HelpName = "FORMAT", Recursive = true };

    /// <summary>All, in the order help shows them.</summary>
    public IEnumerable<Option> All => [Node, Data, As, Keys, Output, Json];
}
