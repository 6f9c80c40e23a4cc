using System.Globalization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>A small tavern with everything visible: agents write, copy prefixes of each other's logs, and sometimes lose the end of
/// their disk. It knows the truth that the answers under test have to reconstruct from accounts.</summary>
internal sealed class RandomHistory
{
    private static readonly string[] States = ["idle", "working", "waiting", "done"];

    private readonly SplitMix64 _random;
    private readonly Dictionary<EventId, Written> _written = [];
    private readonly long _milliseconds;

    public RandomHistory(ulong seed, bool disksFail)
    {
        Seed = seed;
        _random = new SplitMix64(seed);
        var agents = 2 + _random.Below(6);
        for (var i = 0; i < agents; i++) Agents.Add(new Holder(new AgentId((UInt128)(100 + i)), _random.Below(200)));
        var steps = 5 + _random.Below(60);
        for (var i = 0; i < steps; i++)
        {
            _milliseconds += 1 + _random.Below(500);
            var agent = Agents[_random.Below(Agents.Count)];
            var choice = _random.Below(100);
            if (choice < 40) Write(agent);
            else if (disksFail && choice < 44) Lose(agent);
            else Transfer(Agents[_random.Below(Agents.Count)], agent);
        }

        foreach (var agent in Agents) agent.Silent = _random.Below(4) == 0;
    }

    public ulong Seed { get; }

    public List<Holder> Agents { get; } = [];

    public CausalIndex Index { get; } = new();

    public IEnumerable<EventId> Events => _written.Keys;

    public DateTimeOffset Now => At(_milliseconds + 1_000);

    public static DateTimeOffset At(long milliseconds) => DateTimeOffset.UnixEpoch.AddDays(20_000).AddMilliseconds(milliseconds);

    public DateTimeOffset TimeOf(EventId id) => _written[id].Time;

    /// <summary>A ruling about the subject beats whatever it says; else its last word counts.</summary>
    public FieldBelief? Believe(Holder holder, AgentId subject)
    {
        var rulings = holder.Log.Select(entry => entry.Event).Where(id => _written[id].About == subject).ToList();
        if (rulings.Count > 0) return Belief("retired", rulings.MaxBy(id => (Index.DepthOf(id), id)), "retired-by-root");
        var words = holder.Log.Select(entry => entry.Event).Where(id => id.Agent == subject && _written[id].About is null).ToList();
        return words.Count > 0 ? Belief(_written[words.Max()].State, words.Max(), "last-word") : null;
    }

    public BeliefAccount Account(Holder holder, AgentId subject)
    {
        var belief = Believe(holder, subject);
        return new BeliefAccount(holder.Clock, holder.Log.Count, belief, belief is null ? null : _written[belief.DecidedBy].Time);
    }

    public AskAnswer Delivery(Holder holder, EventId id)
    {
        var run = holder.Runs.Find(run => run.Chain == id.Chain && run.First <= id.Sequence && run.Last >= id.Sequence);
        if (run is null) return new AskAnswer.NotDelivered(holder.Clock[id.Chain]);
        return new AskAnswer.Delivered(run, holder.Receipts.Find(receipt => receipt.Number == run.Receipt), _written[id].Time);
    }

    /// <summary>What an agent's events in the asker's log prove about the agent's own log.</summary>
    public VectorClock Proven(Holder asker, AgentId agent)
    {
        var own = asker.Log.Select(entry => entry.Event).Where(id => id.Agent == agent).ToList();
        return own.Count == 0 ? VectorClock.Empty : Index.ClockAt(own.Max());
    }

    private static FieldBelief Belief(string value, EventId by, string rule) => new("state", value, by, rule, false, [by]);

    private void Write(Holder agent)
    {
        var id = new ChainId(agent.Id, agent.Epoch)[agent.Clock[new ChainId(agent.Id, agent.Epoch)] + 1];
        Index.Append(id, [.. agent.Clock.Entries.Where(entry => entry.Chain != id.Chain).Select(entry => entry.Chain[entry.Sequence])]);
        AgentId? about = agent == Agents[0] && _random.Below(6) == 0 ? Agents[_random.Below(Agents.Count)].Id : null;
        _written.Add(id, new Written(States[_random.Below(States.Length)], about, At(_milliseconds + agent.Skew)));
        agent.Deliver(id, null, 0, 0);
    }

    /// <summary>Copies what the receiver lacks of a prefix of the sender's log: closed, since the log is.</summary>
    private void Transfer(Holder from, Holder to)
    {
        if (from == to || from.Log.Count == 0) return;
        var prefix = from.Log.Take(1 + _random.Below(from.Log.Count)).Where(entry => !to.Clock.Covers(entry.Event)).ToList();
        if (prefix.Count == 0) return;
        var receipt = new Receipt(
            to.Id, to.NextReceipt++, from.Id, _random.Next(), _random.Below(4) == 0 ? DeliveryMode.Local : DeliveryMode.Network,
            At(_milliseconds + to.Skew), prefix.Count, ReceiptOutcome.Delivered);
        to.Receipts.Add(receipt);
        foreach (var entry in prefix) to.Deliver(entry.Event, from.Id, entry.Hop + 1, receipt.Number);
    }

    private void Lose(Holder agent)
    {
        if (agent.Log.Count < 2) return;
        agent.CutTo(1 + _random.Below(agent.Log.Count - 1));
        agent.Epoch++;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"seed {Seed}: {Agents.Count} agents, {_written.Count} events");

    private sealed record Written(string State, AgentId? About, DateTimeOffset Time);

    internal readonly record struct Entry(EventId Event, AgentId? From, int Hop, long Receipt);

    internal sealed class Holder(AgentId id, int skew)
    {
        public AgentId Id { get; } = id;

        public int Skew { get; } = skew;

        public int Epoch { get; set; } = 1;

        public bool Silent { get; set; }

        public long NextReceipt { get; set; } = 1;

        public List<Entry> Log { get; } = [];

        public List<Receipt> Receipts { get; } = [];

        public VectorClock Clock { get; private set; } = VectorClock.Empty;

        public List<Run> Runs
        {
            get
            {
                var runs = new List<Run>();
                for (var i = 0; i < Log.Count; i++)
                {
                    var (entry, last) = (Log[i], runs.Count > 0 ? runs[^1] : null);
                    if (last is not null && last.Chain == entry.Event.Chain && last.Hop == entry.Hop && last.Receipt == entry.Receipt && last.Last + 1 == entry.Event.Sequence)
                        runs[^1] = last with { Last = entry.Event.Sequence };
                    else runs.Add(new Run(Id, i + 1, entry.Event.Chain, entry.Event.Sequence, entry.Event.Sequence, entry.Hop, entry.Receipt));
                }

                return runs;
            }
        }

        public bool Has(EventId wanted) => Log.Exists(entry => entry.Event == wanted);

        public void Deliver(EventId delivered, AgentId? from, int hop, long receipt)
        {
            Log.Add(new Entry(delivered, from, hop, receipt));
            Clock = Clock.Advance(delivered.Chain, delivered.Sequence);
        }

        public void CutTo(int length)
        {
            Log.RemoveRange(length, Log.Count - length);
            Clock = VectorClock.Of(Log.Select(entry => new ClockEntry(entry.Event.Chain, entry.Event.Sequence)));
        }
    }
}
