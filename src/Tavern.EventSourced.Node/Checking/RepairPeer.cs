using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>An agent that may have what is damaged here, and where it may be called.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Addresses">Where; best first.</param>
internal sealed record RepairPeer(AgentId Agent, ImmutableArray<Uri> Addresses)
{
    private const int WaysMax = 8; // as many as a person reads in an error message

    /// <summary>Whom a person means: an id, a name, a gossip address, or <c>ID@ADDRESS</c>. An address alone may be anybody's of whom the folder
    /// knows: those who announced it come first, then the seeds, then all others with a name or a chain.</summary>
    /// <exception cref="NodeFileException">Nobody is meant, or nobody knows where the one who is meant can be called.</exception>
    public static ImmutableArray<RepairPeer> Find(string text, TavernFile file, StoreCheck? check)
    {
        if (text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && AgentId.TryParse(text[..at], out var named) && AddressOf(text[(at + 1)..]) is { } there)
            return [new RepairPeer(named, [there])];
        if (AddressOf(text) is { } address) return At(address, file, check);
        AgentId? agent = AgentId.TryParse(text, out var id) ? id : check?.Names.Where(pair => pair.Value == text).Select(pair => (AgentId?)pair.Key).FirstOrDefault()
            ?? file.Hosted.Where(hosted => hosted.Name == text).Select(hosted => (AgentId?)hosted.Agent).FirstOrDefault();
        if (agent is not { } who) throw new NodeFileException($"Nobody here is called {text}. {KnownWays(file, check)}");
        var addresses = AddressesOf(who, file, check);
        return addresses.IsEmpty
            ? throw new NodeFileException($"Nothing here says where {text} can be called. Name its node's gossip address: {who}@http://127.0.0.1:PORT.")
            : [new RepairPeer(who, addresses)];
    }

    private static string KnownWays(TavernFile file, StoreCheck? check)
    {
        var hosted = file.Hosted.Select(local => local.Agent).ToHashSet();
        List<string> ways =
        [
            .. file.Seeds.Select(seed => seed.Agent).Concat(check?.Chains.Keys.Select(chain => chain.Agent) ?? []).Distinct().Where(agent => !hosted.Contains(agent))
                .SelectMany(agent => AddressesOf(agent, file, check).Select(address => $"{agent}@{address}")).Take(WaysMax),
        ];
        return "Name an agent whose name or id is in the log (a damaged log may not tell names), or the gossip address of its node,"
            + " such as http://127.0.0.1:PORT or ID@http://127.0.0.1:PORT."
            + (ways.Count == 0 ? "" : $" Known here are {string.Join(", ", ways)}.");
    }

    private static ImmutableArray<RepairPeer> At(Uri address, TavernFile file, StoreCheck? check)
    {
        var hosted = file.Hosted.Select(local => local.Agent).ToHashSet();
        List<AgentId> known =
        [
            .. file.Seeds.Select(seed => seed.Agent).Concat(check?.Names.Keys ?? []).Concat(check?.Chains.Keys.Select(chain => chain.Agent) ?? []).Distinct().Where(agent => !hosted.Contains(agent)),
        ];
        if (known.Count == 0) throw new NodeFileException($"Nothing here says which agent lives at {address}. Name it too: ID@{address}; 'tavern agents --json' there shows ids.");
        return [.. known.OrderByDescending(agent => AddressesOf(agent, file, check).Contains(address)).Select(agent => new RepairPeer(agent, [address]))];
    }

    private static ImmutableArray<Uri> AddressesOf(AgentId agent, TavernFile file, StoreCheck? check) =>
    [
        .. (check?.AddressesOf(agent) ?? []).Select(AddressOf).OfType<Uri>().Concat(file.Seeds.Where(seed => seed.Agent == agent).Select(seed => seed.Address)).Distinct(),
    ];

    private static Uri? AddressOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && (GossipAddress.MayBeCalled(address) || address.Scheme == "inproc") ? address : null;
}
