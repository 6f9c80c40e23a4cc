using System.Text;
using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>How readers in SQL name a type of events: <c>TaskStarted</c> is <c>task_started</c>. A name of other characters than ASCII letters and
/// digits, or without a capital at its start, stays what it is. Step 2 of the schema does the same in SQL for records that were there before.</summary>
internal static class EventAlias
{
    /// <summary>The alias, in UTF-8 without the character 0, which no text of PostgreSQL holds: U+FFFD takes its place.</summary>
    /// <param name="type">As in the header: up to <see cref="EventLimits.TypeCharsMax"/> characters of any kind.</param>
    public static byte[] Of(string type)
    {
        if (!char.IsAsciiLetterUpper(type[0]) || !type.All(char.IsAsciiLetterOrDigit)) return Encoding.UTF8.GetBytes(type.Replace('\0', '\ufffd'));
        var alias = new List<byte>(type.Length + 8);
        for (var i = 0; i < type.Length; i++)
        {
            if (i > 0 && StartsWord(type, i)) alias.Add((byte)'_');
            alias.Add((byte)char.ToLowerInvariant(type[i]));
        }

        return [.. alias];
    }

    private static bool StartsWord(string type, int at) =>
        !char.IsAsciiLetterLower(type[at])
        && (char.IsAsciiLetterLower(type[at - 1]) || (at + 1 < type.Length && char.IsAsciiLetterLower(type[at + 1])));
}
