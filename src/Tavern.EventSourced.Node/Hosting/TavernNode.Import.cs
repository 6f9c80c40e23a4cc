using System.Collections.Immutable;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

// Recorded histories: chains of agents that live nowhere.
public sealed partial class TavernNode
{
    /// <summary>Imports recorded histories: a hosted agent vouches for a new one per history that stands for the file, and the chains of all
    /// speakers are delivered to the importer's log, in one commit: whatever cuts this short, all of it is there or nothing.
    /// Histories that are imported together know nothing of each other. One import at a time.</summary>
    /// <param name="importer">A hosted agent.</param>
    /// <param name="make">Makes the chains, with keys that are thrown away; called when no other import is under way. May make none.</param>
    /// <param name="cancellationToken">Gives up before they are handed to the store.</param>
    /// <exception cref="AgentNotHostedException">The importer is hosted elsewhere.</exception>
    /// <exception cref="AppendRefusedException">Nobody is known to vouch for the importer yet. Nothing was written.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit; the message says whether they may have been written.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only.</exception>
    public async ValueTask ImportAsync(
        AgentId importer, Func<CancellationToken, ValueTask<ImmutableArray<RecordedChains>>> make, CancellationToken cancellationToken)
    {
        var running = Require(importer);
        await _importing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var histories = await make(cancellationToken).ConfigureAwait(false);
            if (!histories.IsEmpty) await running.Appends.ImportAsync(importer, histories, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _importing.Release();
        }
    }
}
