namespace Tavern.EventSourced.Node.Requests;

/// <summary>Places of a log that follow each other, from 1; empty when the last is below the first.</summary>
internal readonly record struct PlaceRange(long First, long Last)
{
    /// <summary>How many.</summary>
    public long Count => Math.Max(0, Last - First + 1);

    /// <summary>True for none.</summary>
    public bool IsEmpty => Last < First;

    /// <summary>The part that is gone through to reach a place, that place included.</summary>
    public PlaceRange UpTo(long place, bool forward) => forward ? this with { Last = place } : this with { First = place };

    /// <summary>The part that was gone through when this is left.</summary>
    public PlaceRange Without(PlaceRange left, bool forward) => forward ? this with { Last = left.First - 1 } : this with { First = left.Last + 1 };
}
