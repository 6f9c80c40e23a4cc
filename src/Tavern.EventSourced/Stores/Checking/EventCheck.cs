using Tavern.EventSourced.Events;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Checks records one by one: hash, header, payload, place in the chain, dependencies; hands each to the check of its segment.
/// A record whose header and stored hash belong together proves itself where it belongs; columns are compared with that.</summary>
internal sealed class EventCheck(StoreExpectation expected, ChainTable chains, SegmentCheck segments, Findings findings)
{
    private const string Table = "events";
    internal const int GapMax = 10_000_000; // more missing records of one chain are a number that was damaged, not records that were lost

    private long _position;
    private bool _isFounded;

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Records that are missing or do not hold, those included that nobody can place.</summary>
    public long Damaged { get; private set; }

    /// <summary>Positions without a row, below the highest.</summary>
    public List<(long First, long Last)> Holes { get; } = [];

    /// <summary>Positions of rows that nobody can place.</summary>
    public List<long> Unplaced { get; } = [];

    /// <summary>The highest position.</summary>
    public long LastPosition => _position;

    public void Add(StoredRow.Event row)
    {
        Count++;
        var place = Findings.At("position", row.Position);
        TakePosition(row.Position);
        var record = StoredRecord.Read(row);
        if (Locate(row, record, place) is not var (chain, sequence))
        {
            Damaged++;
            Unplaced.Add(row.Position);
            segments.Interrupt();
            return;
        }

        var events = new EventRange(chain.Id, sequence, sequence);
        var begins = chain.Head == 0 && chain.Id.Branch > 0;
        if (begins) chain.BeginsAt(sequence, record.ProvesItself ? record.Header!.Previous : default);
        var afterGap = sequence > chain.Head + 1;
        if (afterGap)
        {
            var gap = new EventRange(chain.Id, chain.Head + 1, sequence - 1);
            findings.Add(Table, place, gap, gap.Count == 1 ? "The event before it is missing." : $"{gap.Count} events before it are missing.", Advice.Refetch);
            Damaged += gap.Count;
            chain.Skip(sequence - 1);
        }

        var sound = Holds(chain, record, events, place, begins);
        chain.Append(record.Stored, record.Computed);
        if (!sound)
        {
            Damaged++;
            chain.MarkDamaged(sequence, sequence);
        }
        else
        {
            chains.Note(record.Whole!);
        }

        segments.Add(chain, sequence, row, record, sound, afterGap || (begins && sequence > 1 && chain.Leaves is null));
    }

    public void End()
    {
        if (!_isFounded && Count > 0 && Damaged == 0)
            findings.Add(Table, "", $"The event that founded the tavern {expected.Tavern} is not here: the log is another tavern's.", Advice.Restore);
    }

    private void TakePosition(long position)
    {
        if (position != _position + 1 && position > _position)
        {
            Holes.Add((_position + 1, position - 1));
            findings.Add(Table, Findings.At("position", _position + 1), position - 1 == _position + 1 ? "No record is held at that position." : $"No record is held from there to position {position - 1}.", Advice.Refetch);
        }

        _position = position;
    }

    /// <summary>Which place of which chain the row is; null when neither its header nor its columns say so.</summary>
    private (CheckedChain Chain, long Sequence)? Locate(StoredRow.Event row, StoredRecord record, string place)
    {
        var named = chains.Find(row.ChainKey);
        var (chain, sequence) = (named, row.Sequence);
        if (record.ProvesItself)
        {
            sequence = record.Header!.Id.Sequence;
            chain = LineOf(named, record.Header);
            if (chain.Key == 0 && (named is null || named.Head == 0))
            {
                chains.Bind(row.ChainKey, chain);
                named = chain;
            }

            if (chain != named || sequence != row.Sequence)
                findings.Add(
                    Table, place, new EventRange(chain.Id, sequence, sequence),
                    $"The row says chain {row.ChainKey}, sequence {row.Sequence}; its header says {record.Header.Id}.", Advice.Refetch);
        }

        if (chain is { Head: 0, Id.Branch: > 0 } && sequence >= 1) return (chain, sequence); // a branch begins anywhere
        if (chain is not null && sequence > chain.Head && sequence <= chain.Head + (record.ProvesItself ? GapMax : 1)) return (chain, sequence);
        findings.Add(
            Table, place, record.ProvesItself ? $"{record.Header!.Id} is out of its order." : "Neither the header nor the row says whose record it is.",
            Advice.Refetch);
        return null;
    }

    /// <summary>The line of a record that says itself of which chain it is: the one that the row names, if it can be.</summary>
    private CheckedChain LineOf(CheckedChain? named, EventHeader header)
    {
        if (named?.Id.Main != header.Id.Chain) return chains.LineBefore(header) ?? chains.LineFor(header);
        return Continues(named, header) ? named : chains.LineBefore(header) ?? (named.IsEmpty ? named : chains.LineFor(header));
    }

    /// <summary>Whether a record can be the next one held of a line: also behind a gap, and where the hash before it is in doubt.</summary>
    private bool Continues(CheckedChain line, EventHeader header) =>
        line.Head == 0 ? line.Id.Branch == 0 || header.Id.Sequence == 1 || chains.FindHeld(header.Id.Chain[header.Id.Sequence - 1], header.Previous.Prefix) is not null
        : line.Head < header.Id.Sequence - 1 || (line.Head == header.Id.Sequence - 1 && (line.HashOf(line.Head) is not { } hash || hash == header.Previous));

    private bool Holds(CheckedChain chain, StoredRecord record, EventRange events, string place, bool begins)
    {
        if (record.Flaw is { } flaw) return No(flaw);
        var header = record.Header!;
        if (events.First == 1)
        {
            if (record.Computed == expected.Tavern) _isFounded = true;
            else if (Damaged == 0 && Belonging(record.Whole!) is { } stranger) return No(stranger);
        }
        else if (begins)
        {
            chain.Leaves = chains.FindHeld(header.Id.Chain[events.First - 1], header.Previous.Prefix);
            if (chain.Leaves is null)
            {
                Damaged++; // how many are missing below it, another table may say
                findings.Add(Table, place, events, "It is the first that is held of its branch, and no line holds the event before it.", Advice.Refetch);
            }
        }
        else if (chain.IsFollowedBy(header.Previous) is false)
        {
            return No("Its previous hash is not that of the record before it.");
        }

        if (header.Deps is not { } deps) return true;
        for (var i = 0; i < deps.Heads.Length; i++)
        {
            var dependency = deps.Heads[i];
            if (chains.FindHeld(dependency, deps.HeadHashes[i]) is { } held && held.Chain != chain.Id) continue;
            if (dependency.Chain != chain.Id && chains.Find(dependency.Chain) is { } other && other.Head >= dependency.Sequence)
            {
                if (other.HashOf(dependency.Sequence) is null || (Damaged > 0 && chains.IsBranched(other.Id))) continue; // damaged, and reported there
                return No($"It depends on another record than the one that is held as {dependency}.");
            }

            if (Damaged > 0) return true; // what it depends on is among what is damaged, and is reported there
            return No($"It depends on {dependency}, which is not held before it.");
        }

        return true;

        bool No(string what)
        {
            findings.Add(Table, place, events, what, Advice.Refetch);
            return false;
        }
    }

    /// <summary>Why a chain with this first record does not belong to the tavern; null when it does.</summary>
    private string? Belonging(EventRecord first) => chains.Origins.Find(first) switch
    {
        OriginFinding.Found(var origin) => origin.Needs.IsEmpty ? $"It founds another tavern than {expected.Tavern}." : null,
        OriginFinding.Missing({ } last, _) => $"It follows {last}, which is not held before it.",
        OriginFinding.Missing => "No event that is held before it vouches for its writer.",
        OriginFinding.Refused(var reason) => reason,
        _ => null,
    };
}
