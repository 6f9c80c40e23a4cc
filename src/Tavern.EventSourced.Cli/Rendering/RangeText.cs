using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Events of one chain without a gap.</summary>
internal static class RangeText
{
    /// <summary>E.g. <c>gandalf:42</c>, <c>gandalf:42 to gandalf:45</c>.</summary>
    public static string Of(EventSpan range) => range.Count == 1 ? range.First.Name : $"{range.First.Name} to {range.Last.Name}";
}
