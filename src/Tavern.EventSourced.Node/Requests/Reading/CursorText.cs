using System.Globalization;
using System.Text;
using Tavern.EventSourced.Causality;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Vector clocks as one text, with ids: <c>HEX=41;HEX@2=3</c>, sorted by chain.</summary>
internal static class CursorText
{
    /// <summary>The text; empty for an empty clock.</summary>
    public static string Of(VectorClock clock)
    {
        var text = new StringBuilder();
        foreach (var (chain, sequence) in clock.Entries)
        {
            if (text.Length > 0) text.Append(';');
            text.Append(CultureInfo.InvariantCulture, $"{chain}={sequence}");
        }

        return text.ToString();
    }
}
