using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;

namespace Tavern.EventSourced.Histories;

/// <summary>Checks, before anything is made of it, that what was said fits into an event.</summary>
internal static class RecordedSize
{
    private const int BytesPerCharMax = 6; // \u0000, as JSON may write any character

    /// <summary>Checks it.</summary>
    /// <exception cref="MalformedHistoryException">It does not fit.</exception>
    public static void Require(string file, string place, RecordedContent content)
    {
        var (text, more) = content switch
        {
            RecordedContent.Message message => (message.Text, message.Role),
            RecordedContent.Line line => (line.Text, line.Date),
            _ => throw new InvalidOperationException($"Content of another kind: {content}."),
        };
        if ((text.Length + (more?.Length ?? 0) + 200L) * BytesPerCharMax <= EventLimits.PayloadBytesMax) return; // 200: names of fields, one addressee
        var bytes = EventCatalogue.Draft(RecordedEvents.BodyOf(content, _ => default)).Payload.Length;
        if (bytes > EventLimits.PayloadBytesMax)
            throw new MalformedHistoryException(
                file, place, $"what was said makes an event of {bytes} bytes; the limit is {EventLimits.PayloadBytesMax}.", "Shorten it in a copy of the file.");
    }
}
