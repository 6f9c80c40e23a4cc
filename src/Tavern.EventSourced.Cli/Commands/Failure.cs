using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Writes what went wrong, always in the same three lines.</summary>
internal static class Failure
{
    /// <summary>Writes a failure and returns its exit code.</summary>
    public static ExitCode Write(Terminal terminal, CliException failure)
    {
        terminal.Note(Styled.Bad("tavern: "), failure.Message);
        if (failure.Expected is { } expected) terminal.Note("  expected: ", expected);
        if (failure.Next is { } next) terminal.Note("  try:      ", Styled.Command(next));
        return failure.Code;
    }
}
