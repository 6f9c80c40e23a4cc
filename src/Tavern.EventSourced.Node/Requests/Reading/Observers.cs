using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Opens a log for a request: finds the observer, and reads as it.</summary>
internal sealed class Observers(TavernNode node)
{
    /// <summary>The node.</summary>
    public TavernNode Node => node;

    /// <summary>Now, by this node's clock.</summary>
    public DateTimeOffset Now => node.Options.Time.GetUtcNow();

    /// <summary>Reads as an observer.</summary>
    /// <param name="observer">Its name or id; null for the node's first agent.</param>
    /// <param name="read">Reads; nothing but values may leave it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RefusedException">The observer is unknown, or its log is on another node.</exception>
    public ValueTask<T> ReadAsync<T>(string? observer, Func<Witness, T> read, CancellationToken cancellationToken) =>
        node.History.ReadAsync(history => read(new Witness(node, history, Find(history, observer), Now)), cancellationToken);

    /// <summary>Reads as an observer that is known already.</summary>
    public ValueTask<T> ReadAsync<T>(AgentId observer, Func<Witness, T> read, CancellationToken cancellationToken) =>
        node.History.ReadAsync(history => read(new Witness(node, history, observer, Now)), cancellationToken);

    /// <summary>An observer's engine as it is now; null when the node only reads.</summary>
    /// <exception cref="RefusedException">The observer is unknown, or its log is on another node.</exception>
    public async ValueTask<EngineStatus?> EngineAsync(string? observer, CancellationToken cancellationToken)
    {
        if (node.IsReadOnly) return null;
        var agent = await node.History.ReadAsync(history => Find(history, observer), cancellationToken);
        return await node.GetStatusAsync(agent, cancellationToken);
    }

    /// <summary>The first of these that is hosted here and known; the node's first agent when none is.</summary>
    public ValueTask<AgentId> FindAsync(IEnumerable<string?> preferred, CancellationToken cancellationToken) => node.History.ReadAsync(
        history =>
        {
            var names = history.View(First).Names;
            foreach (var name in preferred)
                if (name is not null && names.Find(name) is Views.NameLookup.Found found && node.Hosted.Contains(found.Agent)) return found.Agent;
            return First;
        },
        cancellationToken);

    private AgentId First => node.Hosted.Count > 0
        ? node.Hosted[0]
        : throw RefusedException.NotFound("This node hosts no agent; found a tavern or join one first.");

    private AgentId Find(HistoryReader history, string? observer)
    {
        if (observer is null) return First;
        if (AgentId.TryParse(observer, out var id) && node.Hosted.Contains(id)) return id;
        var view = history.View(First);
        // A newcomer that has heard nothing yet is known by its file alone.
        if (view.Agents.Count == 0
            && TavernFile.Read(node.Options.DataFolder).Hosted.FirstOrDefault(hosted => hosted.Name == observer) is { } newcomer) return newcomer.Agent;
        var found = AgentLookup.Require(view.Names, observer, view.Agents.Keys);
        return node.Hosted.Contains(found)
            ? found
            : throw new RefusedException(new Problem(
                ProblemTypes.NotHosted,
                "Not hosted here",
                404,
                $"The log of {observer} is not on this node; it hosts " +
                    $"{string.Join(", ", node.Hosted.Select(view.Names.DisplayNameOf))}. Ask the node that hosts {observer}, or one " +
                        $"of these with --as."));
    }
}
