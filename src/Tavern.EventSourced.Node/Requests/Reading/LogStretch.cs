using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What one look at the history gave.</summary>
/// <param name="Places">Events that may be wanted, in the order looked at.</param>
/// <param name="Left">What is left to look at.</param>
/// <param name="Bytes">Size of the records that were read.</param>
internal sealed record LogStretch(IReadOnlyList<LogPlace> Places, PlaceRange Left, long Bytes)
{
    private const int Block = 64; // places at once, upwards also when going back: the store reads ahead within chains

    /// <summary>Looks at the next places. Text is not searched here but after the gate: that may take long.</summary>
    public static LogStretch Read(HistoryReader history, LogFilter filter, PlaceRange places, LookLimits limits, bool forward)
    {
        var (found, left, bytes) = (new List<LogPlace>(), places, 0L);
        while (!left.IsEmpty && places.Count - left.Count < limits.StretchEventsMax && bytes < limits.StretchBytesMax)
        {
            var first = forward ? left.First : Math.Max(left.First, left.Last - Block + 1);
            var count = Math.Min(Block, left.Last - first + 1);
            var block = new List<LogPlace>(Block);
            foreach (var (id, run, position) in LogWindow.Read(history, filter.Holder, first, count))
                if (filter.MayWant(id)) block.Add(new LogPlace(history.Record(id), run, position));
            bytes += block.Sum(place => (long)place.Record.Bytes);
            if (!forward) block.Reverse();
            found.AddRange(block);
            left = forward ? left with { First = first + count } : left with { Last = first - 1 };
        }

        return new LogStretch(found, left, bytes);
    }
}
