using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Timed;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Simulation.Star;

/// <summary>The other way to do it, built as well as one would: agent 0 is the centre. Everybody sends it what they write; it stores that,
/// one commit for all that waits, acknowledges, and forwards to all others whatever they do not have yet in one message, at most one
/// under way to each. Agents ask every five seconds whether it is still there, and keep nothing themselves. The same links, disk
/// times and encodings as in <see cref="TimedSimulation"/>.</summary>
internal sealed class Coordinator
{
    private static readonly TimeSpan CommitTime = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    private readonly EventQueue _queue = new();
    private readonly Network _network;
    private readonly SplitMix64 _random;
    private readonly Client[] _clients;
    private readonly List<StarEvent> _stored = [];
    private readonly List<StarEvent> _waiting = [];
    private readonly int _answerBytes = GossipCodec.EncodeReply(new GossipMessage.Push(1, [], [], false)).Length;
    private bool _isCommitting;

    public Coordinator(int agents, ulong seed)
    {
        _random = new SplitMix64(seed);
        _network = new Network(_queue, _random);
        _clients = [.. Enumerable.Range(0, agents).Select(number => new Client(number, new KeyedHashSigner(_random.Next())))];
        foreach (var client in _clients.Skip(1)) _queue.At(AskEvery * _random.NextUnit(), () => Ask(client));
    }

    /// <summary>True once the centre died.</summary>
    public bool IsDead { get; set; }

    /// <summary>Every event written, in order.</summary>
    public List<StarEvent> Events { get; } = [];

    /// <summary>What each agent handled so far, by number.</summary>
    public IEnumerable<Load> Loads => _clients.Select(client => client.Load);

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan duration)
    {
        var end = _queue.Now + duration;
        while (_queue.Step(end)) ;
    }

    /// <summary>An agent writes an event at a moment from now.</summary>
    public void WriteAfter(TimeSpan delay, int agent) => _queue.After(delay, () =>
    {
        var client = _clients[agent];
        var written = new StarEvent(agent, client.NextSegment(), _queue.Now);
        Events.Add(written);
        if (agent == 0) Store(written);
        else Call(client, toCentre: true, [written.Segment], () => Store(written), () => { });
    });

    private void Store(StarEvent written)
    {
        if (IsDead) return;
        _waiting.Add(written);
        if (!_isCommitting) Commit();
    }

    private void Commit()
    {
        _isCommitting = true;
        List<StarEvent> batch = [.. _waiting];
        _waiting.Clear();
        _queue.After(CommitTime + CommitTime * _random.NextUnit(), () =>
        {
            _isCommitting = false;
            if (IsDead) return;
            _stored.AddRange(batch);
            foreach (var client in _clients) Forward(client);
            if (_waiting.Count > 0) Commit();
        });
    }

    /// <summary>All that the agent does not have yet, in one message.</summary>
    private void Forward(Client client)
    {
        if (IsDead || client.IsBeingTold || client.Has == _stored.Count) return;
        List<StarEvent> news = [.. _stored.Skip(client.Has)];
        client.Has = _stored.Count;
        List<StarEvent> others = [.. news.Where(one => one.Writer != client.Number)];
        if (client.Number == 0 || others.Count == 0)
        {
            Deliver(news);
            return;
        }

        client.IsBeingTold = true;
        Call(client, toCentre: false, [.. others.Select(one => one.Segment)], () => Deliver(news), () =>
        {
            client.IsBeingTold = false;
            Forward(client);
        });
    }

    private void Deliver(List<StarEvent> news)
    {
        foreach (var one in news)
            if (++one.Holders == _clients.Length) one.CompleteAt = _queue.Now;
    }

    private void Ask(Client client)
    {
        Call(client, toCentre: true, [], () => { }, () => { });
        _queue.After(AskEvery, () => Ask(client));
    }

    /// <summary>A call between an agent and the centre, and its answer.</summary>
    private void Call(Client client, bool toCentre, ImmutableArray<Segment> segments, Action arrived, Action answered)
    {
        var push = new GossipMessage.Push(1, [.. segments.Select(segment => new FrameSegment(segment, 0))], [], false);
        var bytes = GossipCodec.EncodeCall(new GossipEnvelope(1, client.Signer.Agent, client.Signer.Agent, push)).Length;
        var (from, to) = toCentre ? (client.Number, 0) : (0, client.Number);
        Send(from, to, bytes, () =>
        {
            if (IsDead && to == 0) return;
            arrived();
            Send(to, from, _answerBytes, answered);
        });
    }

    private void Send(int from, int to, int bytes, Action arrive)
    {
        if (IsDead && from == 0) return;
        _clients[from].Load = _clients[from].Load.Plus(bytes);
        _clients[to].Load = _clients[to].Load.Plus(bytes);
        _network.Send(from, to, bytes, arrive, () => { });
    }

    private sealed class Client(int number, KeyedHashSigner signer)
    {
        private long _sequence;
        private Hash _head;

        public int Number { get; } = number;

        public KeyedHashSigner Signer { get; } = signer;

        /// <summary>What it sent and received.</summary>
        public Load Load { get; set; }

        /// <summary>Number of stored events that were sent to it.</summary>
        public int Has { get; set; }

        /// <summary>A message to it is under way.</summary>
        public bool IsBeingTold { get; set; }

        public Segment NextSegment()
        {
            var writer = new ChainWriter(default(Hash), new ChainId(Signer.Agent, 1), Signer);
            var segment = writer.Write([EventCatalogue.Draft(new DiscoveryShared($"note {_sequence}", "topic"))], _sequence++, _head, [], [new HybridTime(_sequence, 0)])[0];
            _head = segment.HeadHash;
            return segment;
        }
    }
}

/// <summary>An event that goes through the centre.</summary>
/// <param name="writer">Who wrote it, by number.</param>
/// <param name="segment">Its bytes.</param>
/// <param name="at">When.</param>
internal sealed class StarEvent(int writer, Segment segment, TimeSpan at)
{
    /// <summary>Who wrote it, by number.</summary>
    public int Writer { get; } = writer;

    /// <summary>Its bytes.</summary>
    public Segment Segment { get; } = segment;

    /// <summary>When it was written.</summary>
    public TimeSpan At { get; } = at;

    /// <summary>How many have it, once the centre stored it.</summary>
    public int Holders { get; set; }

    /// <summary>When the last got it.</summary>
    public TimeSpan? CompleteAt { get; set; }
}
