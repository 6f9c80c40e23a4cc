namespace Tavern.EventSourced.Cli;

/// <summary>A command cannot do what was asked. Says what was wrong, what was expected, and what to do.</summary>
/// <param name="code">What the shell gets.</param>
/// <param name="what">What was wrong: one sentence with the value that was wrong.</param>
/// <param name="expected">What was expected, if that helps.</param>
/// <param name="next">What to do: one command, or one sentence.</param>
internal sealed class CliException(ExitCode code, string what, string? expected = null, string? next = null) : Exception(what)
{
    /// <summary>What the shell gets.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What was expected; null when there is nothing to add.</summary>
    public string? Expected { get; } = expected;

    /// <summary>What to do; null when nothing would help.</summary>
    public string? Next { get; } = next;
}
