namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Names that people give.</summary>
internal static class Names
{
    private const int CharsMax = 64; // as AgentSpawned has it

    /// <summary>The name, when it can be one.</summary>
    /// <exception cref="CliException">It cannot.</exception>
    public static string Require(string name, string ofWhat) =>
        name.Length is > 0 and <= CharsMax && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? name
            : throw new CliException(ExitCode.Usage, $"'{name}' cannot be the name of {ofWhat}.", $"1 to {CharsMax} letters, digits, _ or -", "for example prancing-pony");
}
