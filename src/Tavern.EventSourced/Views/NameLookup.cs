using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>What a text that should name an agent stands for.</summary>
public abstract record NameLookup
{
    private NameLookup()
    {
    }

    /// <summary>One agent.</summary>
    public sealed record Found(AgentId Agent) : NameLookup;

    /// <summary>No agent of that name or id is known.</summary>
    public sealed record Unknown(string Text) : NameLookup;

    /// <summary>Several agents; more hexadecimal digits of the id decide.</summary>
    /// <param name="Text">The text.</param>
    /// <param name="Names">Names that are unambiguous, by agent id; at most 16.</param>
    public sealed record Ambiguous(string Text, ImmutableArray<string> Names) : NameLookup;
}
