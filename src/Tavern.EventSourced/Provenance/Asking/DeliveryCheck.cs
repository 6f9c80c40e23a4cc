using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Finds contradictions within a delivery answer that arrived.</summary>
internal static class DeliveryCheck
{
    /// <summary>What is wrong, as a clause; null for nothing.</summary>
    public static string? FlawOf(EventId asked, AskAnswer.Delivered told, AgentId answerer)
    {
        var (run, receipt) = (told.Run, told.Receipt);
        if (run.Holder != answerer) return "it shows somebody else's log";
        if (!new EventRange(run.Chain, run.First, run.Last).Contains(asked) || run.First < 1) return $"its run does not hold {asked}";
        if (run.Hop < 0 || run.Position < 1) return "its run has a negative hop or no position";
        return receipt is null || receipt.Holder == answerer && receipt.Number == run.Receipt && receipt.Outcome == ReceiptOutcome.Delivered
            ? null
            : "its receipt is not the one that its run names";
    }

    /// <summary>What is wrong, as a clause; null for nothing.</summary>
    public static string? FlawOf(EventId asked, AskAnswer.NotDelivered told)
    {
        if (told.HeadSequence < 0 || told.HeadSequence >= asked.Sequence) return $"its copy ends at {told.HeadSequence}, which does not fit with lacking {asked}";
        if (told.HeldBack is { } held && !held.Events.Contains(asked)) return "what it holds back is another event";
        return told.Rejection is { } rejection && !rejection.Events.Contains(asked) ? "what it refused is another event" : null;
    }
}
