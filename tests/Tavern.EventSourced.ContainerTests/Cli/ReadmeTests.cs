using System.Diagnostics;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Cli;

/// <summary>Runs the README in bash: every command of its <c>sh</c> and <c>console</c> blocks, from top to bottom.</summary>
public sealed class ReadmeTests : IDisposable
{
    // Would run this test again; that it is spelled right is enough.
    private const string Tests = "dotnet test";

    // The walk through a recorded history needs one, which is not ours to copy.
    private const string Record = "17.json";
    private const string RecordFolder = "--data archive";

    // Tests run the built command; what the SDK does before it runs it is the SDK's.
    private const string FromSources = "dotnet run --project src/Tavern.EventSourced.Cli --";

    private readonly Shell _shell = new();
    private readonly List<Process> _nodes = [];

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Kill(entireProcessTree: true);
            node.Dispose();
        }

        _shell.Dispose();
    }

    [SkippableFact]
    public async Task Every_command_of_the_README_works()
    {
        RequiredTool.Require("curl");
        var commands = ReadmeCommands.Read().Where(command => !command.Contains(RecordFolder, StringComparison.Ordinal)).ToList();
        Assert.Contains(Tests, commands);
        Assert.True(commands.Count > 15, string.Join('\n', commands));
        await RunAsync(commands.Where(command => command != Tests));
    }

    [SkippableFact]
    public async Task The_README_walks_through_a_recorded_history_in_three_commands()
    {
        File.Copy(RecordedFiles.RequireOne("who-and-when", Record), Path.Combine(_shell.Folder, Record));
        var commands = ReadmeCommands.Read().Where(command => command.Contains(RecordFolder, StringComparison.Ordinal)).ToList();
        Assert.Equal(["init", "import", "causes", "told"], commands.Select(command => command.Split(' ')[1]));
        await RunAsync(commands);

        // What it shows is what is printed, but for the time of the import; an import is not done twice.
        var page = ReadmeCommands.Lines().ToHashSet();
        foreach (var command in commands.Skip(2))
        {
            var (_, output, _) = await _shell.RunAsync(command);
            Assert.All(output.TrimEnd().Split('\n').Where(line => !line.Contains("imported it at", StringComparison.Ordinal)), line => Assert.Contains(line, page));
        }
    }

    private async Task RunAsync(IEnumerable<string> commands)
    {
        var variables = "";
        foreach (var command in commands)
        {
            var line = command.Replace(FromSources, "tavern", StringComparison.Ordinal);
            if (line == "tavern demo") line += " --exit";
            if (IsAssignment(line))
            {
                variables += line + "\n";
            }
            else if (line.StartsWith("tavern node", StringComparison.Ordinal))
            {
                var node = _shell.Start("exec " + line);
                _nodes.Add(node);
                await Shell.ReadUntilAsync(node, "data");
            }
            else
            {
                var (code, output, error) = await _shell.RunAsync("set -o pipefail\n" + variables + line);
                Assert.True(code == 0, $"{command}\nreturned {code}\n{output}{error}");
            }
        }
    }

    [Fact]
    public void The_README_needs_no_program_that_a_fresh_machine_lacks_but_curl() =>
        Assert.All(ReadmeCommands.Read(), command => Assert.DoesNotContain("jq ", command, StringComparison.Ordinal));

    /// <summary>Such lines hold for those below them, as in one terminal.</summary>
    private static bool IsAssignment(string line) =>
        line.StartsWith("export ", StringComparison.Ordinal) || (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && line[..equals].All(c => char.IsAsciiLetterUpper(c) || c == '_'));
}
