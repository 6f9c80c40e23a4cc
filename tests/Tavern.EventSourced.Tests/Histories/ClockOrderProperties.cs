using System.Runtime.InteropServices;
using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using static Tavern.EventSourced.Tests.Histories.HistoryTexts;

namespace Tavern.EventSourced.Tests.Histories;

/// <summary>Random executions with vector clocks, against what the clocks say by brute force.</summary>
public class ClockOrderProperties
{
    private const int Runs = 150;

    [Fact]
    public void Before_is_what_the_clocks_say_for_every_pair_whatever_the_order_of_the_lines()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            var random = new SplitMix64(seed);
            var lines = Execution(random, hosts: 1 + random.Below(6), events: 1 + random.Below(60));
            random.Shuffle(CollectionsMarshal.AsSpan(lines));
            var history = ReadLog(Text(lines));
            RequireSame(history, lines, $"seed {seed}");
            RequireMinimal(history, $"seed {seed}");
        }
    }

    [Fact]
    public void A_log_with_one_wrong_number_is_refused_or_still_read_as_its_clocks_say()
    {
        var refused = 0;
        for (ulong seed = 1; seed <= 4 * Runs; seed++)
        {
            var random = new SplitMix64(seed);
            var lines = Execution(random, hosts: 2 + random.Below(4), events: 5 + random.Below(25));
            var (_, clock) = lines[random.Below(lines.Count)];
            var host = clock.Keys.ElementAt(random.Below(clock.Count));
            clock[host] = Math.Max(0, clock[host] + (random.Below(2) == 0 ? 1 : -1));
            try
            {
                RequireSame(ReadLog(Text(lines)), lines, $"seed {seed}");
            }
            catch (MalformedHistoryException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, Runs, 4 * Runs - 1);
    }

    /// <summary>The clocks of the records, read by hand, against an index over the heads that were found.</summary>
    private static void RequireSame(RecordedHistory history, List<(string Host, SortedDictionary<string, long> Clock)> lines, string where)
    {
        var (index, chains) = (new CausalIndex(), history.Speakers.Select((_, i) => new ChainId(new AgentId((UInt128)(i + 1)), 1)).ToList());
        foreach (var one in history.Events)
            index.Append(chains[one.Id.Speaker][one.Id.Sequence], [.. one.Heads.Select(head => chains[head.Speaker][head.Sequence])]);
        Assert.True(lines.Count == history.Events.Length, where);
        foreach (var (hostA, a) in lines)
        {
            foreach (var (hostB, b) in lines)
            {
                var before = (hostA != hostB || a[hostA] != b[hostB]) && a.All(entry => b.GetValueOrDefault(entry.Key) >= entry.Value);
                Assert.True(before == index.HappensBefore(IdOf(hostA, a), IdOf(hostB, b)), $"{where}: {hostA}:{a[hostA]} and {hostB}:{b[hostB]}");
            }
        }

        EventId IdOf(string host, SortedDictionary<string, long> clock) => chains[history.Speakers.IndexOf(host)][clock[host]];
    }

    /// <summary>No head is in the past of another, nor of the speaker's event before.</summary>
    private static void RequireMinimal(RecordedHistory history, string where)
    {
        var (index, chains) = (new CausalIndex(), history.Speakers.Select((_, i) => new ChainId(new AgentId((UInt128)(i + 1)), 1)).ToList());
        foreach (var one in history.Events)
        {
            List<EventId> heads = [.. one.Heads.Select(head => chains[head.Speaker][head.Sequence])];
            if (one.Id.Sequence > 1) heads.Add(chains[one.Id.Speaker][one.Id.Sequence - 1]);
            Assert.True(heads[..one.Heads.Length].TrueForAll(head => !heads.Exists(other => index.HappensBefore(head, other))), $"{where}: {one.Id}");
            index.Append(chains[one.Id.Speaker][one.Id.Sequence], heads);
        }
    }

    /// <summary>Hosts that hear from each other now and then, in the order in which things happened.</summary>
    internal static List<(string Host, SortedDictionary<string, long> Clock)> Execution(SplitMix64 random, int hosts, int events)
    {
        var now = Enumerable.Range(0, hosts).Select(_ => new SortedDictionary<string, long>()).ToList();
        var lines = new List<(string, SortedDictionary<string, long>)>();
        for (var i = 0; i < events; i++)
        {
            var (host, from) = (random.Below(hosts), random.Below(hosts));
            var clock = new SortedDictionary<string, long>(now[host]);
            if (random.Below(2) == 0)
                foreach (var (name, number) in now[from]) clock[name] = Math.Max(number, clock.GetValueOrDefault(name));
            clock[$"h{host}"] = clock.GetValueOrDefault($"h{host}") + 1;
            now[host] = clock;
            lines.Add(($"h{host}", clock));
        }

        return lines;
    }

    /// <summary>The log of an execution.</summary>
    internal static string Text(List<(string Host, SortedDictionary<string, long> Clock)> lines)
    {
        var text = new StringBuilder();
        foreach (var (host, clock) in lines) text.Append($"{host} {{{string.Join(", ", clock.Select(entry => $"\"{entry.Key}\": {entry.Value}"))}}} something\n");
        return text.ToString();
    }
}
