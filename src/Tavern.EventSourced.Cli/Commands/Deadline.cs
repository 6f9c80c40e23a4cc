using System.CommandLine;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>How long others may take to answer.</summary>
internal static class Deadline
{
    private const double SecondsDefault = 2; // several times the slowest healthy answer on one machine

    /// <summary><c>--deadline</c>.</summary>
    public static Option<double?> Option() => Arg.Option<double?>("--deadline", "SECONDS", "How long the others may take to answer, up to 30; default 2.");

    /// <summary>The value given, or the default.</summary>
    public static double Of(ParseResult parse, Option<double?> option) => parse.GetValue(option) ?? SecondsDefault;
}
