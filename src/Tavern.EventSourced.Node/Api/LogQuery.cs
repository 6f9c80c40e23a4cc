using Microsoft.AspNetCore.Mvc;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>The query of the paths that read a log.</summary>
internal sealed record LogQuery(
    string? Observer, [FromQuery] string[]? Agent, [FromQuery] string[]? Type, [FromQuery(Name = "q")] string? Text, string? Since, string? Within,
    string? Limit, string? After, string? Before, bool? Texts)
{
    /// <summary>A page.</summary>
    /// <param name="writer">The agent that the path names; null for none.</param>
    public ReadLog ToRead(string? writer) => new(
        Observer, Filter(writer), LimitOrDefault, QueryNumber.Cursor("after", After), QueryNumber.Cursor("before", Before), Texts ?? true);

    /// <summary>News.</summary>
    public TailLog ToTail(double waitSeconds) => new(Observer, QueryNumber.Cursor("after", After), waitSeconds, LimitOrDefault, Filter(null), Texts ?? true);

    private int LimitOrDefault => QueryNumber.Int("limit", Limit) ?? 100;

    private EventFilter Filter(string? writer) => new()
    {
        Agents = writer is null ? Agent ?? [] : [writer, .. Agent ?? []],
        Types = Type ?? [],
        Text = Text,
        Since = Since,
        Within = Within,
    };
}
