namespace Tavern.EventSourced.Causality;

/// <summary>Lists that live as long as the node and grow with the log.</summary>
internal static class TightLists
{
    private const int RoomMin = 4;

    /// <summary>Adds an item to a list that makes room for an eighth more when it is full, not for as many again: on average a sixteenth of it is empty
    /// instead of a quarter, and an item is copied eight times instead of once.</summary>
    public static void AddTight<T>(this List<T> list, T item)
    {
        if (list.Count == list.Capacity) list.Capacity += Math.Max(RoomMin, list.Count / 8);
        list.Add(item);
    }
}
