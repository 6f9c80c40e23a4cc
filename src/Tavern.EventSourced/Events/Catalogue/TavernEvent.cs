namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>A decoded event of the catalogue. The type name on the wire is the record's name; a payload is its JSON form in
/// camelCase. Entities (tasks, commitments, questions) are named by the event that created them.</summary>
public abstract record TavernEvent
{
    private protected TavernEvent()
    {
    }
}
