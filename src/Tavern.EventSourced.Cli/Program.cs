using System.Runtime.CompilerServices;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;

[assembly: InternalsVisibleTo("Tavern.EventSourced.Tests")]
[assembly: InternalsVisibleTo("Tavern.EventSourced.ContainerTests")]

var environment = CliEnvironment.OfProcess;
using var interruption = Interruption.OfProcess();
var host = new CommandHost(Terminal.OfProcess(name => environment[name]), environment, TimeProvider.System, new Doors(environment).OpenAsync);
return (int)await new TavernCommandLine(host).RunAsync(args, interruption);
