using System.Buffers;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Text as one word of a POSIX shell, so that a printed command can be pasted.</summary>
internal static class ShellWord
{
    private static readonly SearchValues<char> Safe = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,~");

    /// <summary>The text itself where a shell leaves it alone, else in single quotes.</summary>
    public static string Of(string text) => text.Length > 0 && text[0] != '~' && !text.AsSpan().ContainsAnyExcept(Safe)
        ? text
        : "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}
