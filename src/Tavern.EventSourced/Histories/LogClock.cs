using System.Globalization;
using System.Text.Json;

namespace Tavern.EventSourced.Histories;

/// <summary>A vector clock of a log: pairs of host and number, sorted by host, numbers from 1.</summary>
internal sealed class LogClock
{
    private readonly (int Host, long Number)[] _entries;

    private LogClock((int Host, long Number)[] entries)
    {
        _entries = entries;
        foreach (var (_, number) in entries) Sum += (ulong)number;
    }

    /// <summary>The pairs.</summary>
    public ReadOnlySpan<(int Host, long Number)> Entries => _entries;

    /// <summary>All numbers together: smaller for everything in the past.</summary>
    public UInt128 Sum { get; }

    /// <summary>The number of a host, 0 when it is not named.</summary>
    public long this[int host]
    {
        get
        {
            var (low, high) = (0, _entries.Length - 1);
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                if (_entries[middle].Host == host) return _entries[middle].Number;
                if (_entries[middle].Host < host) low = middle + 1;
                else high = middle - 1;
            }

            return 0;
        }
    }

    /// <summary>The first host of which this clock knows more than another; null when it knows nothing more.</summary>
    public int? FirstBeyond(LogClock other)
    {
        var at = 0;
        foreach (var (host, number) in _entries)
        {
            while (at < other._entries.Length && other._entries[at].Host < host) at++;
            if (at == other._entries.Length || other._entries[at].Host != host || other._entries[at].Number < number) return host;
        }

        return null;
    }

    /// <summary>Reads <c>{"host":3, ...}</c>; numbers may be written as texts, and 0 means nothing.</summary>
    /// <exception cref="FormatException">It is something else; the message says what.</exception>
    public static LogClock Parse(string text, Func<string, int> indexOf)
    {
        var (entries, names) = (new SortedDictionary<int, long>(), new HashSet<string>(StringComparer.Ordinal));
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind is not JsonValueKind.Object) throw new FormatException("the clock is JSON but no object.");
            foreach (var pair in json.RootElement.EnumerateObject())
            {
                if (!names.Add(pair.Name)) throw new FormatException($"the clock names '{pair.Name}' twice.");
                if (NumberOf(pair) is > 0 and var number) entries.Add(indexOf(pair.Name), number); // of whom nothing is known need not be there
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"the clock is not JSON from its byte {e.BytePositionInLine + 1} on.");
        }
        catch (InvalidOperationException)
        {
            throw new FormatException("the clock names a host with half a surrogate pair.");
        }

        return new LogClock([.. entries.Select(entry => (entry.Key, entry.Value))]);
    }

    private static long NumberOf(JsonProperty pair)
    {
        var text = pair.Value.ValueKind is JsonValueKind.String ? pair.Value.GetString() : pair.Value.GetRawText();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"the clock's number for '{pair.Name}' is {pair.Value.GetRawText()}, not a whole number from 0.");
    }
}
