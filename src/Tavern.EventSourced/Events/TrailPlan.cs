using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>Which held records show that an agent has a newer key: what <see cref="KeyTrail"/> follows.</summary>
public static class TrailPlan
{
    /// <summary>The records, causes first. None when the agent's id derives from the key, or nothing held gives it the key.</summary>
    public static ImmutableArray<EventId> Of(SegmentIndex index, AgentId agent, ReadOnlyMemory<byte> key)
    {
        var planning = new Planning(index);
        return AgentId.FromPublicKey(key.Span) != agent && planning.Give(agent, key) ? planning.Records : [];
    }

    private sealed class Planning(SegmentIndex index)
    {
        private readonly List<EventId> _records = [];
        private readonly HashSet<EventId> _planned = [];
        private readonly HashSet<AgentId> _placed = [];

        public ImmutableArray<EventId> Records => [.. _records];

        /// <summary>Plans what gives an agent a key; false when nothing held does.</summary>
        public bool Give(AgentId agent, ReadOnlyMemory<byte> key)
        {
            if (index.RekeysOf(agent, key).Select(pair => pair.Rekey).FirstOrDefault(index.Gives) is not { } rekey) return false;
            if (_planned.Contains(rekey.Event)) return true;
            if (!Place(agent) || (!rekey.IsRecovery && !Sign(rekey.Event))) return false;
            Add(rekey.Event);
            return true;
        }

        /// <summary>Plans what shows an agent's place in the spawn tree.</summary>
        private bool Place(AgentId agent)
        {
            if (!_placed.Add(agent)) return true;
            for (var chain = new ChainId(agent, 1); chain.Epoch <= index.LastEpochOf(agent); chain = chain with { Epoch = chain.Epoch + 1 })
            {
                if (index.OriginOf(chain) is not { } origin || origin.Needs.Any(need => need != origin.Spawn)) continue; // it follows another epoch
                var isRoot = origin.Spawn.Agent == agent;
                if (!isRoot && !(Place(origin.Spawn.Agent) && Sign(origin.Spawn))) return false;
                Add(origin.Spawn);
                Add(chain[1]);
                return true;
            }

            return false;
        }

        /// <summary>Plans what gives the writer of a record the key that signed it.</summary>
        private bool Sign(EventId record) =>
            index.KeyOf(record.Chain) is { } key && (AgentId.FromPublicKey(key.Span) == record.Agent || Give(record.Agent, key));

        private void Add(EventId record)
        {
            if (_planned.Add(record)) _records.Add(record);
        }
    }
}
