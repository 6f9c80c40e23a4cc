namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent, named for machines and for people.</summary>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="Name">As the observer's view has it; accepted as input wherever an agent is asked for.</param>
public sealed record AgentRef(string Id, string Name);

/// <summary>An event, named for machines and for people.</summary>
/// <param name="Id"><c>HEX:42</c>, or <c>HEX@2:42</c> after the first epoch; <c>HEX/1:42</c> on a branch of a chain that has forked, which is this node's number
/// for it.</param>
/// <param name="Name"><c>gandalf:42</c>; accepted as input wherever an event is asked for.</param>
public sealed record EventRef(string Id, string Name);

/// <summary>Events of one chain without a gap.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last; the first itself when there is one.</param>
/// <param name="Count">How many.</param>
public sealed record EventSpan(EventRef First, EventRef Last, long Count);

/// <summary>Which set of events an answer was read from.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="Cursor">The vector clock as text, <c>HEX=41;HEX@2=3</c>, sorted; a cut that can be asked for again.</param>
/// <param name="Point">The same with names, as people type it: <c>gandalf:41,jake:80</c>.</param>
/// <param name="Events">How many events it covers.</param>
/// <param name="Approximate">True when it was found from a wall-clock time.</param>
public sealed record Reading(AgentRef Observer, string Cursor, string Point, long Events, bool Approximate = false);
