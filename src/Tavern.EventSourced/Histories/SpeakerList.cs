using System.Collections.Immutable;

namespace Tavern.EventSourced.Histories;

/// <summary>The speakers of a history by first appearance, and how many events each has so far. Names are told apart to the letter.</summary>
internal sealed class SpeakerList(string file)
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<long> _counts = [];

    /// <summary>All names, by index.</summary>
    public ImmutableArray<string> Names => [.. _names];

    /// <summary>The index of a name, which is added when it is new.</summary>
    /// <exception cref="MalformedHistoryException">The name is too long, or there are too many.</exception>
    public int IndexOf(string name, string place)
    {
        if (_indexes.TryGetValue(name, out var index)) return index;
        if (name.Length > HistoryLimits.NameCharsMax)
            throw new MalformedHistoryException(
                file, place, $"the name has {name.Length} characters; the limit is {HistoryLimits.NameCharsMax}.", "Expected who speaks, not what is said; shorten it.");
        if (_names.Count == HistoryLimits.AgentsMax)
            throw new MalformedHistoryException(file, place, $"there are more than {HistoryLimits.AgentsMax} agents.", "Split the file, or look whether a pattern takes the wrong part for the host.");
        _indexes.Add(name, _names.Count);
        _names.Add(name);
        _counts.Add(0);
        return _names.Count - 1;
    }

    /// <summary>The index of a name; null when nobody has it.</summary>
    public int? Find(string name) => _indexes.TryGetValue(name, out var index) ? index : null;

    /// <summary>The id of a speaker's next event.</summary>
    public RecordedId Next(int speaker) => new(speaker, ++_counts[speaker]);
}
