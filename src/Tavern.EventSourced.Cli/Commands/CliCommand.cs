using System.Collections.Immutable;
using System.CommandLine;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>A command with what its help shows beyond names: examples that can be typed as they stand.</summary>
internal sealed class CliCommand : Command
{
    /// <summary>Names a command and says in one sentence what it does.</summary>
    public CliCommand(string name, string description, params ReadOnlySpan<string> examples)
        : base(name, description)
    {
        Examples = [.. examples];
    }

    /// <summary>Command lines, without "tavern " in front, each optionally followed by two spaces, <c>#</c> and a remark.</summary>
    public ImmutableArray<string> Examples { get; }

    /// <summary>What one sentence cannot say; lines are kept as they are.</summary>
    public string? Details { get; init; }
}
