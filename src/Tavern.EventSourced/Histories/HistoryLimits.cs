namespace Tavern.EventSourced.Histories;

/// <summary>What a recorded history may hold. Larger is refused with the limit named.</summary>
public static class HistoryLimits
{
    /// <summary>Largest file, in bytes: it becomes one commit, and is held in memory a few times over meanwhile.</summary>
    public const int FileBytesMax = 32 * 1024 * 1024;

    /// <summary>Most files of one import: each leaves its importer, and whoever hears of it, one head more to name in the next event, and a header
    /// of 64 KiB has room for about 2,700. An agent beyond that could never write again.</summary>
    public const int FilesMax = 500;

    /// <summary>Most messages or log lines: some ten seconds of signing.</summary>
    public const int EventsMax = 250_000;

    /// <summary>Most agents: more than any tavern that is tested.</summary>
    public const int AgentsMax = 10_000;

    /// <summary>Most levels of lists and objects within each other in JSON.</summary>
    public const int JsonDepthMax = 64;

    /// <summary>Longest name of an agent, in characters: a name, not a message that slipped into its place.</summary>
    public const int NameCharsMax = 1_000;

    /// <summary>Most agents that one event may newly have heard from, by heads: a header of 64 KiB has room for about 2,300.</summary>
    public const int HeadsMax = 1_500;

    /// <summary>Longest time that one match of a pattern may take: a pattern that needs more is a trap, not slow.</summary>
    public static readonly TimeSpan MatchMax = TimeSpan.FromSeconds(2);
}
