using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Embedding;

/// <summary>How an agent lives in a program.</summary>
public sealed record TavernAgentOptions
{
    /// <summary>Which of the agents that the data folder hosts; null (the default) for its first.</summary>
    public string? Name { get; init; }

    /// <summary>The folder of private keys; null (the default) for where the <c>tavern</c> command keeps them: <c>TAVERN_KEYS</c>, else
    /// <c>$XDG_CONFIG_HOME/tavern/keys</c>, else <c>~/.config/tavern/keys</c>.</summary>
    public string? KeysFolder { get; init; }

    /// <summary>True (the default) to answer the <c>tavern</c> command and HTTP clients of this machine while the agent is open: then
    /// <c>tavern status</c> and <c>tavern why</c> work on the data folder as with a node.</summary>
    public bool Api { get; init; } = true;

    /// <summary>Where gossip listens. Default: as <see cref="NodeOptions.GossipListen"/>.</summary>
    public Uri? GossipListen { get; init; }

    /// <summary>Where other nodes reach it. Default: as <see cref="NodeOptions.GossipAdvertise"/>.</summary>
    public Uri? GossipAdvertise { get; init; }

    /// <summary>Where the API listens. Default: any port on loopback.</summary>
    public Uri? ApiListen { get; init; }

    /// <summary>Settings of gossip.</summary>
    public GossipOptions Gossip { get; init; } = new();

    /// <summary>The settings of the node below.</summary>
    internal NodeOptions ToNode(string dataFolder)
    {
        var node = new NodeOptions { DataFolder = dataFolder, KeysFolder = KeysFolder ?? DefaultKeysFolder(Environment.GetEnvironmentVariable), Gossip = Gossip, GossipAdvertise = GossipAdvertise };
        if (GossipListen is { } gossip) node = node with { GossipListen = gossip };
        return ApiListen is { } api ? node with { ApiListen = api } : node;
    }

    /// <summary>Where keys are when nobody says so (XDG Base Directory Specification: relative paths in its variables are ignored).</summary>
    internal static string DefaultKeysFolder(Func<string, string?> variable)
    {
        if (variable("TAVERN_KEYS") is { Length: > 0 } keys) return Path.GetFullPath(keys);
        var config = variable("XDG_CONFIG_HOME") is { } folder && Path.IsPathRooted(folder)
            ? folder
            : Path.Combine(variable("HOME") is { Length: > 0 } home ? home : Environment.CurrentDirectory, ".config");
        return Path.Combine(config, "tavern", "keys");
    }
}
