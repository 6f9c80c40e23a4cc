using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What a row of <c>events</c> tells readers in SQL beside the bytes of header and payload. No node reads it.</summary>
/// <param name="Alias">As <see cref="EventAlias"/> has it.</param>
/// <param name="At">As the writer dated the record; UTC.</param>
/// <param name="Json">As <see cref="JsonbText"/> has it.</param>
internal readonly record struct PlainColumns(byte[] Alias, DateTime At, bool Json)
{
    /// <summary>Those of a record.</summary>
    public static PlainColumns Of(EventHeader header, ReadOnlySpan<byte> payload) => new(
        EventAlias.Of(header.Type), DateTimeOffset.FromUnixTimeMilliseconds(header.Time.Milliseconds).UtcDateTime, JsonbText.Casts(payload));
}
