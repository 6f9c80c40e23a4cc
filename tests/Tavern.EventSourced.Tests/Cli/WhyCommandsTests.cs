using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Tests.Provenance;

namespace Tavern.EventSourced.Tests.Cli;

public class WhyCommandsTests
{
    [Fact]
    public void Every_command_that_an_answer_names_exists()
    {
        using var cli = new CliSandbox();
        var terminal = new Terminal(TextWriter.Null, TextWriter.Null, colour: false, errorColour: false);
        var names = new TavernCommandLine(cli.NewHost(terminal)).All.Select(command => command.Name).ToHashSet();
        var named = ExplanationTextTests.EveryVerdict().SelectMany(question => WhyCommands.Of(Why.Explain(question), new AgentNames(_ => "jake"))).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, command => Assert.Contains(command.Split(' ')[1], names));
    }
}
