using System.Text.Json;
using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>What a command left behind.</summary>
internal sealed record CliResult(ExitCode Code, string Output, string Error)
{
    public JsonElement Json => JsonElement.Parse(Output);

    public IReadOnlyList<JsonElement> Lines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    public CliResult Expect(ExitCode code)
    {
        Assert.True(Code == code, $"expected {code}, got {Code}\nstdout: {Output}\nstderr: {Error}");
        return this;
    }
}
