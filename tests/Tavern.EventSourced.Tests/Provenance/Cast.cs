using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>Five agents with names, and short ways to say what they hold.</summary>
internal static class Cast
{
    public static readonly AgentId Jake = new(1);
    public static readonly AgentId Gandalf = new(2);
    public static readonly AgentId Legolas = new(3);
    public static readonly AgentId Frodo = new(4);
    public static readonly AgentId Gimli = new(5);

    public static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 14, 30, TimeSpan.Zero);

    public static readonly ImmutableArray<string> NameList = ["jake", "gandalf", "legolas", "frodo", "gimli"];

    public static AgentNames Names { get; } = new(id => id.Value >= 1 && id.Value <= 5 ? NameList[(int)id.Value - 1] : id.ToString());

    public static DateTimeOffset Ago(double seconds) => Now.AddSeconds(-seconds);

    public static EventId At(this AgentId agent, long sequence, int epoch = 1) => new(agent, epoch, sequence);

    public static VectorClock Clock(params EventId[] heads) => VectorClock.Of(heads.Select(id => new ClockEntry(id.Chain, id.Sequence)));

    public static FieldBelief Belief(string value, EventId by, string rule = "latest") => new("state", value, by, rule, false, [by]);

    public static BeliefAccount Account(VectorClock clock, FieldBelief? belief = null, double secondsAgo = 9) =>
        new(clock, clock.Entries.Sum(entry => entry.Sequence), belief, belief is null ? null : Ago(secondsAgo));

    public static Receipt Failure(AgentId holder, AgentId peer, ReceiptOutcome outcome, string detail) =>
        new(holder, 7, peer, 77, DeliveryMode.Network, Ago(2), 0, outcome, detail, 3);
}
