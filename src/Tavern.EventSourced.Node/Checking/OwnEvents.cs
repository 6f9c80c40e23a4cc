using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Makes sure that after a repair no number of an own chain is used twice: every event that this node may have acknowledged must
/// be there again, or the repair is refused.</summary>
internal static class OwnEvents
{
    /// <summary>Why nothing may be repaired here; null when all own events are accounted for.</summary>
    /// <param name="file">Whom the folder hosts.</param>
    /// <param name="result">What could be read of the damaged store.</param>
    /// <param name="clock">What the peer has.</param>
    /// <param name="isAnswered">False when nobody said whether it has what is damaged.</param>
    /// <param name="after">Per chain, the highest sequence up to which all records are there, once repaired.</param>
    public static string? Refusal(TavernFile file, SqliteCheckResult result, IReadOnlyDictionary<ChainId, long> clock, bool isAnswered, Func<CheckedChain?, ChainId, long> after)
    {
        foreach (var hosted in file.Hosted)
        {
            if (result.Check is not { } check || (result.Torn.Contains("runs") && result.Torn.Contains("segments")))
                return $"The damaged file does not even say how many events {hosted.Name} had written, so some that were acknowledged may be lost without a trace. " + Otherwise;
            foreach (var id in check.Chains.Keys.Concat(clock.Keys).Where(chain => chain.Agent == hosted.Agent).Select(chain => chain.Main).Append(new ChainId(hosted.Agent, 1)).Distinct().Order())
            {
                var (chain, name) = (check.Chains.GetValueOrDefault(id), id.Epoch == 1 ? hosted.Name : $"{hosted.Name}@{id.Epoch}");
                var known = Math.Max(chain?.Head ?? 0, chain?.Claimed ?? 0);
                if (clock.GetValueOrDefault(id) > check.LinesOf(id).Select(line => line.Head).Append(known).Max())
                    return $"The peer has {name}:{known + 1}..{clock[id]}, of which this folder knows nothing: it is an older copy. There may be more that nobody else has. " + Otherwise;
                if (after(chain, id) is var there && there < known)
                    return $"{name}:{there + 1}..{known} were acknowledged and are damaged here, " + (isAnswered
                        ? "and cannot be recovered from the peer: it does not have them. Try another peer. " + Otherwise
                        : "and nobody was found to ask for them. " + Elsewhere);
            }
        }

        return null;
    }

    private const string Elsewhere = "Start the node of an agent that may have them and repair again, or name another: by its name, or by ID@ADDRESS as its node " +
        "says them ('tavern node' prints its gossip address, 'tavern agents --json' shows ids).";

    private const string Otherwise = "To go on without what is lost, move events.db and the files beside it that begin with its name to another place and start the node: " +
        "it gets back what others have, and begins a new epoch, so that no number is used twice.";
}
