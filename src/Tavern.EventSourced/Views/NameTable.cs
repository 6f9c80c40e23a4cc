using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Names and who has them. The first spawn of a name in canonical order keeps it: that is the causally first one and,
/// among concurrent ones, the one of smaller (depth, id). Others are shown as <c>gandalf~3f2a</c>; agents without a valid name as
/// <c>~3f2a</c>. Immutable.</summary>
public sealed class NameTable
{
    private const int PrefixCharsMin = 4; // short enough to type; made longer where it is ambiguous
    private const int CandidatesMax = 16; // as many as a person reads in an error message

    private readonly ImmutableSortedDictionary<string, Holders> _byName;
    private readonly ImmutableSortedDictionary<AgentId, string> _names;
    private readonly ImmutableSortedSet<AgentId> _ids;

    private NameTable(
        ImmutableSortedDictionary<string, Holders> byName, ImmutableSortedDictionary<AgentId, string> names, ImmutableSortedSet<AgentId> ids) =>
        (_byName, _names, _ids) = (byName, names, ids);

    /// <summary>The table without agents.</summary>
    public static NameTable Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, Holders>(StringComparer.Ordinal), ImmutableSortedDictionary<AgentId, string>.Empty, []);

    /// <summary>What people see: <c>gandalf</c>, <c>gandalf~3f2a</c> or <c>~3f2a</c>. For an agent that is not in the table its 32 digits.</summary>
    public string DisplayNameOf(AgentId agent)
    {
        if (!_names.TryGetValue(agent, out var name)) return agent.ToString();
        if (name.Length == 0) return "~" + ShortestPrefix(_ids, agent);
        var holders = _byName[name];
        return holders.Keeper == agent ? name : $"{name}~{ShortestPrefix(holders.Agents, agent)}";
    }

    /// <summary>Reads <c>gandalf</c>, <c>gandalf~3f2a</c>, <c>~3f2a</c> or an id's 32 digits. Names are case-sensitive, digits are not.</summary>
    public NameLookup Find(string text)
    {
        if (AgentId.TryParse(text, out var id)) return _names.ContainsKey(id) ? new NameLookup.Found(id) : new NameLookup.Unknown(text);
        var tilde = text.IndexOf('~', StringComparison.Ordinal);
        if (tilde < 0) return _byName.TryGetValue(text, out var holders) ? new NameLookup.Found(holders.Keeper) : new NameLookup.Unknown(text);

        var prefix = text[(tilde + 1)..];
        if (prefix.Length is < PrefixCharsMin or > AgentId.Bytes * 2 || !prefix.AsSpan().ContainsOnlyHex()) return new NameLookup.Unknown(text);
        var among = tilde == 0 ? _ids : _byName.TryGetValue(text[..tilde], out var named) ? named.Agents : [];
        var first = AgentId.Parse(prefix.PadRight(AgentId.Bytes * 2, '0'));
        var last = AgentId.Parse(prefix.PadRight(AgentId.Bytes * 2, 'f'));
        var matches = ImmutableArray.CreateBuilder<AgentId>();
        for (var i = IndexFrom(among, first); i < among.Count && among[i].CompareTo(last) <= 0 && matches.Count < CandidatesMax; i++)
            matches.Add(among[i]);
        return matches.Count switch
        {
            0 => new NameLookup.Unknown(text),
            1 => new NameLookup.Found(matches[0]),
            _ => new NameLookup.Ambiguous(text, [.. matches.Select(match => $"{text[..tilde]}~{ShortestPrefix(among, match)}")]),
        };
    }

    /// <summary>The spawn that gave a name to its keeper and those concurrent with it, the keeper's first; empty for a name nobody has.</summary>
    public ImmutableList<EventId> ClaimsOf(string name) => _byName.TryGetValue(name, out var holders) ? holders.Claims : [];

    /// <summary>True when the agent has a valid name, its own or shared.</summary>
    public bool HasName(AgentId agent) => _names.TryGetValue(agent, out var name) && name.Length > 0;

    /// <summary>The name an agent was spawned with; null when it was not valid or the agent is not in the table.</summary>
    public string? NameOf(AgentId agent) => _names.TryGetValue(agent, out var name) && name.Length > 0 ? name : null;

    /// <summary>This table with one more agent; spawns come in canonical order.</summary>
    internal NameTable With(AgentId agent, string name, CausalPast past)
    {
        var (byName, ids) = (_byName, _ids.Add(agent));
        if (!AgentName.IsValid(name)) return new NameTable(byName, _names.Add(agent, ""), ids);
        var holders = byName.TryGetValue(name, out var before)
            ? before with
            {
                Agents = before.Agents.Add(agent),
                Claims = past.Includes(before.Claims[0]) ? before.Claims : before.Claims.Add(past.Event),
            }
            : new Holders(agent, [past.Event], [agent]);
        return new NameTable(byName.SetItem(name, holders), _names.Add(agent, name), ids);
    }

    /// <summary>At least four digits of the id, as many as tell it from all others in the set: only its neighbours can be close.</summary>
    private static string ShortestPrefix(ImmutableSortedSet<AgentId> among, AgentId agent)
    {
        var index = among.IndexOf(agent);
        var chars = PrefixCharsMin;
        if (index > 0) chars = Math.Max(chars, SharedDigits(among[index - 1], agent) + 1);
        if (index + 1 < among.Count) chars = Math.Max(chars, SharedDigits(agent, among[index + 1]) + 1);
        return agent.ToString()[..chars];
    }

    private static int SharedDigits(AgentId a, AgentId b) => (int)UInt128.LeadingZeroCount(a.Value ^ b.Value) / 4;

    private static int IndexFrom(ImmutableSortedSet<AgentId> among, AgentId first)
    {
        var index = among.IndexOf(first);
        return index < 0 ? ~index : index;
    }

    /// <summary>Who was spawned under one name. Claims are those spawns that are not after the keeper's.</summary>
    private sealed record Holders(AgentId Keeper, ImmutableList<EventId> Claims, ImmutableSortedSet<AgentId> Agents);
}
