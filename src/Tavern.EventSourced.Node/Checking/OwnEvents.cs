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
    /// <param name="after">Per chain, the highest sequence up to which all records are there, once repaired.</param>
    public static string? Refusal(TavernFile file, SqliteCheckResult result, IReadOnlyDictionary<ChainId, long> clock, Func<CheckedChain?, ChainId, long> after)
    {
        foreach (var hosted in file.Hosted)
        {
            var id = new ChainId(hosted.Agent, 1);
            if (result.Check is not { } check || (result.Torn.Contains("runs") && result.Torn.Contains("segments")))
                return $"The damaged file does not even say how many events {hosted.Name} had written, so some that were acknowledged may be lost without a trace. "
                    + "To write on could use their numbers for other events. Restore the folder from a backup of this very moment, or let the agent retire and spawn a new one.";
            var chain = check.Chains.GetValueOrDefault(id);
            var known = Math.Max(chain?.Head ?? 0, chain?.Claimed ?? 0);
            if (clock.GetValueOrDefault(id) > check.LinesOf(id).Select(line => line.Head).Append(known).Max())
                return $"The peer has {hosted.Name}:{known + 1}..{clock[id]}, of which this folder knows nothing: it is an older copy. There may be more that nobody else has. "
                    + "To write on from here would use numbers again: do not start a node on it.";
            if (after(chain, id) is var there && there < known)
                return $"{hosted.Name}:{there + 1}..{known} were acknowledged and cannot be recovered: they are damaged here and the peer does not have them. "
                    + "Without them their numbers would be used again. Try another peer.";
        }

        return null;
    }
}
