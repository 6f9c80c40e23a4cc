using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>How an event reached an agent, in words. What came out of a file is never shown as if somebody had told it.</summary>
internal static class DeliveryText
{
    /// <summary>E.g. <c>own</c>, <c>from legolas</c>, <c>imported with 17</c>, <c>from legolas (dated 5 h ahead)</c>.</summary>
    public static string Of(Delivery delivery) => delivery.From is not { } from ? "own"
        : delivery.Mode is "repaired" ? "put back by a repair"
        : $"{(IsImport(delivery) ? "imported with" : "from")} {from.Name}{(delivery.AheadSeconds is { } ahead ? $" (dated {Ages.Of(ahead)} ahead)" : "")}";

    /// <summary>True when it came out of a file.</summary>
    public static bool IsImport(Delivery delivery) => delivery.Mode is "imported";
}
