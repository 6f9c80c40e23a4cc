using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Makes random histories of a tavern from a seed: concurrent work of every kind, name clashes, events their writers may
/// not write, unknown types, retirements and lost disks. Same seed, same bytes with the quick signer; ECDSA signs differently each time,
/// under other ids.</summary>
public static class HistoryGenerator
{
    private static readonly string[] Names = ["gandalf", "legolas", "frodo", "gimli", "gandalf", "not a name", ""];

    /// <param name="seed">Decides everything.</param>
    /// <param name="steps">About as many segments are written.</param>
    /// <param name="agentsMax">Most agents.</param>
    /// <param name="ecdsa">True for real keys and signatures; slow.</param>
    public static TestTavern Generate(ulong seed, int steps = 120, int agentsMax = 7, bool ecdsa = false)
    {
        var tavern = new TestTavern(seed, ecdsa ? _ => EcdsaSigner.Create() : null);
        var random = tavern.Random;
        for (var i = 0; i < 2 && i + 1 < agentsMax; i++) tavern.Jake.Spawn(Names[i]);
        for (var step = 0; step < steps; step++)
        {
            var agent = Pick(random, tavern.Agents);
            if (random.Below(2) == 0) agent.Hear(Pick(random, tavern.Agents), 1 + random.Below(8));
            Act(tavern, agent, agentsMax);
        }

        return tavern;
    }

    internal static void Act(TestTavern tavern, TestAgent agent, int agentsMax)
    {
        var random = tavern.Random;
        switch (random.Below(40))
        {
            case 0 or 1 when tavern.Agents.Count < agentsMax:
                agent.Spawn(Pick(random, Names));
                break;
            case 2 when tavern.Agents.Count < agentsMax && agent != tavern.Jake:
                SpawnTwice(tavern, agent);
                break;
            case 3:
                agent.Write(new AgentSpawned(new AgentId(random.Next()), "forger", agent.PublicKey));
                break;
            case 4 when random.Below(3) == 0:
                var target = Pick(random, tavern.Agents);
                if (agent.Clock[target.Chain] is var last and > 0)
                    agent.Write(new AgentRetired(target.Id, last - random.Below(5), default));
                break;
            case 5 when random.Below(3) == 0 && agent != tavern.Jake && agent.Delivered.Any(segment => segment.Chain == agent.Chain):
                agent.LoseDisk(1 + random.Below(agent.Delivered.Count));
                break;
            case 6:
                agent.WriteRaw(random.Below(2) == 0 ? "CoffeeBrewed" : "BreadBaked", """{"cups":3}""");
                break;
            case 7:
                agent.WriteRaw(nameof(TaskCreated), """{"title":42}""");
                break;
            case 8:
                agent.Write(new AgentRekeyed(Pick(random, tavern.Agents).Id, agent.PublicKey, 1, default));
                break;
            case 9:
                agent.Write(new TaskCreated("a"), new CommitmentMade("b", To: Pick(random, tavern.Agents).Id), new StatusReported(AgentActivity.Working));
                break;
            case 10 or 11:
                var promise = agent.Write(new CommitmentMade("I will"));
                for (var claims = 1 + random.Below(2); claims > 0; claims--) agent.Write(new CommitmentClaimed(promise));
                break;
            case < 16:
                agent.Write(new StatusReported((AgentActivity)random.Below(4), $"note {random.Below(5)}", random.Below(3) == 0 ? Known<TaskCreated>(tavern, agent) : null));
                break;
            default:
                agent.Write(Work(tavern, agent));
                break;
        }
    }

    private static TavernEvent Work(TestTavern tavern, TestAgent agent)
    {
        var random = tavern.Random;
        var (task, commitment, claim, question) = (
            Known<TaskCreated>(tavern, agent), Known<CommitmentMade>(tavern, agent), Known<CommitmentClaimed>(tavern, agent), Known<QuestionRaised>(tavern, agent));
        var (outcome, other) = ((VerificationOutcome)random.Below(2), Pick(random, tavern.Agents).Id);
        return random.Below(25) switch
        {
            0 => new TaskCreated("task"),
            1 => new TaskAssigned(task, other),
            2 or 3 => new TaskStarted(task),
            4 => new TaskProgressed(task, "further", random.Below(120)),
            5 => new TaskCompleted(task, $"result {random.Below(3)}"),
            6 => new TaskFailed(task, "too hard"),
            7 => new TaskCancelled(task),
            8 => new CommitmentMade("I will", task),
            9 or 10 => new CommitmentClaimed(random.Below(4) == 0 ? commitment : Known<CommitmentMade>(tavern, agent, own: true), "look"),
            11 => new CommitmentWithdrawn(Known<CommitmentMade>(tavern, agent, own: true)),
            12 or 13 => new VerificationRecorded(claim, outcome, null, random.Below(2) == 0 ? [Known<VerificationRecorded>(tavern, agent)] : null),
            14 => new CommitmentDisputed(commitment, "no"),
            15 or 16 => new RulingMade(claim, outcome, "so be it"),
            17 => new QuestionRaised("why?", [other]),
            18 => new QuestionAnswered(question, $"because {random.Below(3)}"),
            19 => new QuestionWithdrawn(question),
            20 => new DiscoveryShared("found", random.Below(2) == 0 ? "topic" : null),
            < 24 => new VerificationRecorded(claim, outcome),
            _ => random.Below(2) == 0 ? new MessageSent("hello", [other]) : new EndpointAnnounced([$"https://{random.Below(3)}.example"]),
        };
    }

    /// <summary>Two agents spawn one new agent; it accepts one of them.</summary>
    private static void SpawnTwice(TestTavern tavern, TestAgent agent)
    {
        var signer = tavern.NewSigner();
        var spawned = new AgentSpawned(AgentId.FromPublicKey(signer.PublicKey.Span), "twin", signer.PublicKey.ToArray());
        tavern.Jake.Write(spawned);
        agent.Write(spawned);
        agent.Welcome("twin", signer, agent.HeadHash);
    }

    /// <summary>An event of a type that the agent knows of; sometimes, or when there is none, any that it may not know or that does not exist.</summary>
    private static EventId Known<T>(TestTavern tavern, TestAgent agent, bool own = false)
    {
        var random = tavern.Random;
        if (random.Below(30) == 0) return Pick(random, tavern.Agents).Chain[1 + random.Below(50)];
        List<EventId> known = [.. agent.Delivered.SelectMany(segment => segment.Records)
            .Where(record => record.Header.Type == typeof(T).Name && (!own || record.Id.Agent == agent.Id)).Select(record => record.Id).TakeLast(1 + random.Below(8))];
        return known.Count > 0 ? Pick(random, known) : agent.Chain[1 + random.Below(50)];
    }

    private static T Pick<T>(SplitMix64 random, IReadOnlyList<T> items) => items[random.Below(items.Count)];
}
