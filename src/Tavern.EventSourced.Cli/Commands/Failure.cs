using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>What went wrong, always in the same three lines.</summary>
internal static class Failure
{
    /// <summary>What a person can do something about; null for a fault of the program.</summary>
    public static CliException? Of(Exception exception) => exception switch
    {
        CliException failure => failure,
        DoorException refusal => Refusals.ToFailure(refusal),
        NodeUnreachableException silent => new CliException(ExitCode.Unreachable, silent.Message),
        NodeFileException or FileNotFoundException or DirectoryNotFoundException => new CliException(ExitCode.NotFound, exception.Message),
        StoreRefusedException { IsDamaged: true } => new CliException(ExitCode.VerificationFailed, exception.Message),
        StoreRefusedException or StoreFencedException or StoreRolledBackException or StoreUnavailableException => new CliException(ExitCode.Conflict, exception.Message),
        KeyFolderException or UnauthorizedAccessException => new CliException(ExitCode.Denied, exception.Message),
        AddressTakenException taken => new CliException(
            ExitCode.Conflict, taken.Message, next: $"leave {(taken.Listener == "API" ? "--api" : "--listen")} out, or find the program: ss -ltnp 'sport = :{taken.Address.Port}'"),
        TooManyHostedException => new CliException(ExitCode.Conflict, exception.Message),
        IOException => new CliException(ExitCode.Conflict, exception.Message),
        _ => null,
    };

    /// <summary>Writes a failure and returns its exit code.</summary>
    public static ExitCode Write(Terminal terminal, CliException failure)
    {
        terminal.Note(Styled.Bad("tavern: "), failure.Message);
        if (failure.Expected is { } expected) terminal.Note("  expected: ", expected);
        if (failure.Next is { } next) terminal.Note("  try:      ", Styled.Command(next));
        return failure.Code;
    }
}
