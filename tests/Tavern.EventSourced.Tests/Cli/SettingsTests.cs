using System.CommandLine;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Settings;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class SettingsTests : IDisposable
{
    private readonly CliSandbox _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_flag_wins_over_a_variable_over_the_config_file_over_the_default()
    {
        Assert.Equal((null, OutputFormat.Text), (Read().As, Read().Output));
        _cli.WriteConfig("""{"as":"from-config","output":"json"}""");
        Assert.Equal(("from-config", OutputFormat.Json), (Read().As, Read().Output));
        _cli.Variables["TAVERN_AS"] = "from-variable";
        _cli.Variables["TAVERN_OUTPUT"] = "ndjson";
        Assert.Equal(("from-variable", OutputFormat.Ndjson), (Read().As, Read().Output));
        Assert.Equal(("from-flag", OutputFormat.Text), (Read("--as", "from-flag").As, Read("-o", "text").Output));
    }

    [Fact]
    public void An_empty_variable_is_not_set()
    {
        _cli.Variables["TAVERN_AS"] = "";
        Assert.Null(Read().As);
    }

    [Fact]
    public void Json_is_short_for_the_format_and_wins_over_the_variable()
    {
        _cli.Variables["TAVERN_OUTPUT"] = "text";
        Assert.Equal(OutputFormat.Json, Read("--json").Output);
        Assert.Equal(OutputFormat.Json, Read("--json", "-o", "json").Output);
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => Read("--json", "-o", "ndjson")).Code);
    }

    [Fact]
    public void Of_a_node_and_a_folder_the_one_given_closer_to_the_command_wins()
    {
        _cli.Variables["TAVERN_NODE"] = "http://127.0.0.1:1";
        Assert.Equal(new Uri("http://127.0.0.1:1"), Read().Node);
        Assert.Null(Read("--data", "pony").Node);
        Assert.Equal(Path.Combine(_cli.Folder, "pony"), Read("--data", "pony").Data);
        _cli.Variables["TAVERN_DATA"] = "/inn";
        Assert.Equal((new Uri("http://127.0.0.1:1"), "/inn"), (Read().Node, Read().Data));
        Assert.Equal(new Uri("http://127.0.0.1:2"), Read("--node", "http://127.0.0.1:2").Node);
    }

    [Fact]
    public void Folders_follow_the_XDG_variables_when_they_are_absolute()
    {
        Assert.Equal(Path.Combine(_cli.Folder, "config", "tavern", "keys"), Read().Keys);
        Assert.Equal(Path.Combine(_cli.Folder, "state", "tavern", "current"), _cli.Environment.CurrentFile);
        _cli.Variables["XDG_CONFIG_HOME"] = "relative";
        Assert.Equal(Path.Combine(_cli.Folder, ".config", "tavern", "keys"), Read().Keys);
        _cli.Variables.Remove("XDG_STATE_HOME");
        Assert.Equal(Path.Combine(_cli.Folder, ".local", "state", "tavern", "current"), _cli.Environment.CurrentFile);
    }

    [Fact]
    public void The_current_tavern_is_remembered()
    {
        Assert.Null(CurrentTavern.Read(_cli.Environment));
        CurrentTavern.Write(_cli.Environment, "/inn one");
        CurrentTavern.Write(_cli.Environment, "/inn two");
        Assert.Equal("/inn two", CurrentTavern.Read(_cli.Environment));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_cli.Environment.CurrentFile)!));
    }

    private CliSettings Read(params string[] args)
    {
        var options = new GlobalOptions();
        var root = new RootCommand();
        foreach (var option in options.All) root.Options.Add(option);
        return CliSettings.Read(root.Parse(args), options, _cli.Environment);
    }
}
