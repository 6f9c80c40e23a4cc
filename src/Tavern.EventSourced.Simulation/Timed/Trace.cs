using System.Globalization;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>The last steps of a run in plain words, for whoever has to find out why it failed. Bounded: older steps are forgotten.</summary>
internal sealed class Trace
{
    private const int StepsMax = 400; // some seconds of a small tavern, and as much as a person reads

    private readonly (TimeSpan At, string Format, object? A, object? B, object? C)[] _steps = new (TimeSpan, string, object?, object?, object?)[StepsMax];
    private long _count;

    /// <summary>Takes note of a step. Words are made only when somebody reads them.</summary>
    /// <param name="at">When.</param>
    /// <param name="format">A composite format with at most three places.</param>
    /// <param name="a">For place 0.</param>
    /// <param name="b">For place 1.</param>
    /// <param name="c">For place 2.</param>
    public void Add(TimeSpan at, string format, object? a = null, object? b = null, object? c = null) => _steps[_count++ % StepsMax] = (at, format, a, b, c);

    /// <summary>The steps, oldest first.</summary>
    public IReadOnlyList<string> Lines()
    {
        var lines = new List<string>();
        for (var i = Math.Max(0, _count - StepsMax); i < _count; i++)
        {
            var (at, format, a, b, c) = _steps[i % StepsMax];
            lines.Add(at.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture) + " s  " + string.Format(CultureInfo.InvariantCulture, format, Words(a), Words(b), Words(c)));
        }

        return lines;
    }

    private static object? Words(object? value) => value switch
    {
        GossipMessage.Syn { Page: not null } => "compares a page of the full clock",
        GossipMessage.Syn syn => syn.Changed.IsEmpty ? "nothing new here" : $"new here: {Claims(syn.Changed)}",
        GossipMessage.SynAck ack when ack.Claims.IsEmpty && ack.Wants.IsEmpty => "no difference to tell",
        GossipMessage.SynAck ack => $"here it is {Claims(ack.Claims)}; {Wants(ack.Wants)}",
        GossipMessage.Push push => $"{(push.Frame.IsEmpty ? "brings nothing" : $"brings {string.Join(", ", push.Frame.Select(item => $"{item.Segment.Chain[item.Segment.First]}..{item.Segment.Last}"))}")}; {Wants(push.Wants)}{(push.More ? "; there is more" : "")}",
        GossipMessage.Probe { Target: { } target } => $"asks to try {target}",
        GossipMessage.Probe => "are you there?",
        GossipMessage.Alive => "alive",
        GossipMessage.Refused refused => $"refuses, {refused.Reason}: {refused.Detail}",
        Run run => $"{run.Chain[run.First]}..{run.Last} at {run.Position}, hop {run.Hop}, receipt {run.Receipt}",
        CommitDeath.BeforeItIsDurable => "the disk has nothing of it",
        CommitDeath.BeforeItIsKnown => "the disk has it, nobody heard of it",
        _ => value,
    };

    private static string Claims(IEnumerable<ClockClaim> claims) => string.Join(", ", claims.Select(claim => claim.Sequence == 0 ? $"none of {claim.Chain}" : $"{claim.Chain[claim.Sequence]}"));

    private static string Wants(IReadOnlyCollection<Want> wants) =>
        wants.Count == 0 ? "wants nothing" : $"wants {string.Join(", ", wants.Select(want => $"{want.Chain[want.First]}..{want.Last}"))}";
}
