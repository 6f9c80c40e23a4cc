using System.Globalization;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Reads whole numbers of a query, with an error that says which one is wrong.</summary>
internal static class QueryNumber
{
    /// <summary>The number; null when none was given.</summary>
    /// <exception cref="RefusedException">It is no whole number.</exception>
    public static long? Long(string name, string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw RefusedException.Invalid($"The parameter '{name}' is '{text}'; expected a whole number.");

    /// <summary>A cursor; null when none was given.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static long? Cursor(string name, string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw RefusedException.Invalid($"The cursor '{name}' is '{text}'; expected a place in the log, such as 'next' or 'previous' of an earlier answer.");

    /// <summary>The number; null when none was given.</summary>
    /// <exception cref="RefusedException">It is no whole number, or beyond what 32 bits hold.</exception>
    public static int? Int(string name, string? text) => Long(name, text) is not { } number ? null
        : number is >= int.MinValue and <= int.MaxValue ? (int)number
        : throw RefusedException.Invalid($"The parameter '{name}' is {number}; expected a smaller number.");
}
