using System.CommandLine;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern node</c>: hosts the agents of a data folder until it is told to stop.</summary>
internal static class NodeCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var listen = Arg.Option<string>("--listen", "URL", "Where other nodes reach this one; default any free port on 127.0.0.1.");
        var api = Arg.Option<string>("--api", "URL", "Where the API listens; default any free port on 127.0.0.1.");
        var withParent = Arg.Flag("--exit-with-parent", "End when standard input closes.");
        withParent.Hidden = true;
        var command = new CliCommand("node", "Run the node of a data folder until Ctrl-C.", "node", "node --data ./gandalf --api http://127.0.0.1:4711")
        {
            Options = { listen, api, withParent },
            Details = "A node hosts the agents of one data folder: it keeps their logs and gossips for them.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var folder = new Doors(host.Environment).DataFolder(settings);
            if (!TavernFile.Exists(folder))
                throw new CliException(ExitCode.NotFound, $"{folder} holds no tavern.", "a data folder made by 'tavern init' or 'tavern join'", "tavern init prancing-pony");
            var options = new NodeOptions
            {
                DataFolder = folder,
                KeysFolder = settings.Keys,
                GossipListen = Address(parse.GetValue(listen)),
                ApiListen = Address(parse.GetValue(api)),
                Time = host.Time,
            };
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (parse.GetValue(withParent)) _ = EndWithParentAsync(ends);
            return (int)await RunAsync(host, settings, options, ends.Token);
        });
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandHost host, CliSettings settings, NodeOptions options, CancellationToken cancellationToken)
    {
        await using var node = await TavernNode.StartAsync(options, cancellationToken);
        await using var api = await ApiHost.StartAsync(node, new NodeLog(host.Terminal), cancellationToken);
        NodeBanner.Show(host.Terminal, settings, node, api.Address);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            host.Terminal.Note(Styled.Faint("Stopping: writing what is under way ..."));
            throw;
        }

        return ExitCode.Ok;
    }

    private static async Task EndWithParentAsync(CancellationTokenSource ends)
    {
        var buffer = new byte[256];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer) > 0)
        {
            // Nobody is expected to say anything; only the end counts.
        }

        await ends.CancelAsync();
    }

    private static Uri Address(string? text) => Uri.TryCreate(text ?? "http://127.0.0.1:0", UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp
        ? address
        : throw new CliException(ExitCode.Usage, $"'{text}' is not an address to listen at.", "for example http://127.0.0.1:4711; this release listens on loopback only");
}
