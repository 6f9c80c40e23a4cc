namespace Tavern.EventSourced.Node.Requests;

/// <summary>Marks requests that change something: they need the write token of the agent they act as, and a running node.</summary>
public interface IWrite
{
    /// <summary>The agent that acts: its name or id.</summary>
    string Agent { get; }
}
