namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who in a recorded history had heard one of its events, as far as the record itself proves it by what happened before what. In a
/// group chat whoever speaks has heard all that was said before. It says neither who told whom nor when.</summary>
/// <param name="File">The file it was in.</param>
/// <param name="Format">The file's format: <c>who-and-when</c> or <c>shiviz</c>.</param>
/// <param name="Complete">False while the observer lacks events of the history, which could show more.</param>
/// <param name="HeardCount">How many of its other agents had heard it.</param>
/// <param name="Heard">Who, the first to show it first; at most <see cref="ListMax"/>.</param>
/// <param name="NotHeardCount">How many of its other agents had not, as far as the record shows.</param>
/// <param name="NotHeard">Who, by name; at most <see cref="ListMax"/>.</param>
public sealed record RecordedAudience(
    string File,
    string Format,
    bool Complete,
    int HeardCount,
    IReadOnlyList<RecordedHearer> Heard,
    int NotHeardCount,
    IReadOnlyList<AgentRef> NotHeard)
{
    /// <summary>Most agents that each of the lists names: 1,000, a third of a megabyte together. The counts are of all.</summary>
    public const int ListMax = 1_000;
}

/// <summary>One agent of a recorded history that had heard an event.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Since">Its first event that proves it: it had heard by then, at the latest.</param>
public sealed record RecordedHearer(AgentRef Agent, EventRef Since);
