namespace Tavern.EventSourced.Stores.Checking;

/// <summary>What to do about a finding: the same words wherever it is found.</summary>
public static class Advice
{
    /// <summary>The damage is in what every member may have.</summary>
    public const string Refetch = "tavern fsck --repair-from PEER fetches it again from another agent and checks it.";

    /// <summary>The damage is in what can be derived from the events that are held.</summary>
    public const string Rederive = "tavern fsck --repair-from PEER makes it again from the events that are held.";

    /// <summary>The damage is in what only this node knew.</summary>
    public const string Local =
        "Only this node knew it: restore a backup, or let tavern fsck --repair-from PEER put a row there that says so.";

    /// <summary>Nothing here can be trusted to repair itself.</summary>
    public const string Restore = "Stop the node and restore the folder from a backup.";
}
