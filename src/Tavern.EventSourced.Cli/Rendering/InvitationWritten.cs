using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>An invitation was written to a file. The answer does not repeat its secret.</summary>
/// <param name="Agent">The newcomer.</param>
/// <param name="Parent">Who vouches for it.</param>
/// <param name="Event">The event that does.</param>
/// <param name="File">Where the invitation is.</param>
/// <param name="Expires">Until when it may be used; null for ever.</param>
internal sealed record InvitationWritten(AgentRef Agent, AgentRef Parent, EventRef Event, string File, DateTimeOffset? Expires) : Answer;
