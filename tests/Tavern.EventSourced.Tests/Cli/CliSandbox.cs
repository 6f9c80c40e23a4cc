using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>The command in this process, with folders and variables of its own.</summary>
internal sealed class CliSandbox : IDisposable
{
    public CliSandbox()
    {
        Folder = Directory.CreateTempSubdirectory("tavern-cli-").FullName;
        Variables = new Dictionary<string, string>
        {
            ["HOME"] = Folder,
            ["XDG_CONFIG_HOME"] = Path.Combine(Folder, "config"),
            ["XDG_STATE_HOME"] = Path.Combine(Folder, "state"),
            ["XDG_DATA_HOME"] = Path.Combine(Folder, "data"),
        };
        Environment = new CliEnvironment(Variables.GetValueOrDefault, Folder);
    }

    public string Folder { get; }

    public Dictionary<string, string> Variables { get; }

    public CliEnvironment Environment { get; }

    /// <summary>Runs one command line to its end.</summary>
    public Task<CliResult> RunAsync(params string[] args) => RunAsync(new Interruption(), args);

    /// <summary>Runs one command line to its end, or until it is interrupted.</summary>
    public Task<CliResult> RunAsync(Interruption interruption, params string[] args) => RunAsync(interruption, new StringWriter(), args);

    /// <summary>The same, with an output that can be watched meanwhile.</summary>
    public async Task<CliResult> RunAsync(Interruption interruption, StringWriter output, params string[] args)
    {
        var error = new StringWriter();
        var host = NewHost(new Terminal(TextWriter.Synchronized(output), TextWriter.Synchronized(error), colour: false, errorColour: false));
        var code = await new TavernCommandLine(host).RunAsync(args, interruption);
        return new CliResult(code, output.ToString(), error.ToString());
    }

    public CommandHost NewHost(Terminal terminal) => new(terminal, Environment, TimeProvider.System, new Doors(Environment).OpenAsync);

    public void WriteConfig(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Environment.ConfigFile)!);
        File.WriteAllText(Environment.ConfigFile, json);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
