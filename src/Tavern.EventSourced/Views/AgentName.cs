using System.Buffers;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>What may be an agent's name: 1 to 64 ASCII letters, digits, <c>_</c> or <c>-</c>, starting with a letter or digit, and not
/// 32 hexadecimal digits, which would read like an id. ASCII only, so that no two names look the same.</summary>
public static class AgentName
{
    /// <summary>Longest name, in characters: a table column, not a sentence.</summary>
    public const int CharsMax = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-");

    /// <summary>True for a valid name.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= CharsMax && char.IsAsciiLetterOrDigit(name[0])
        && !name.AsSpan().ContainsAnyExcept(Allowed) && !AgentId.TryParse(name, out _);
}
