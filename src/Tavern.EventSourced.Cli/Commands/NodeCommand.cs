using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern node</c>: hosts the agents of a data folder until it is told to stop.</summary>
internal static class NodeCommand
{
    /// <summary>Ends the node when its standard input closes, so that whoever started it cannot leave it behind.</summary>
    public const string ExitWithParent = "--exit-with-parent";

    private static readonly TimeSpan HearingMax = TimeSpan.FromSeconds(5); // as long as anybody would wait for a banner

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var listen = Arg.Option<string>("--listen", "URL", "Where gossip listens: https anywhere, http on loopback; default any free port on 127.0.0.1.");
        var advertise = Arg.Option<string>("--advertise", "URL", "Where other nodes reach this one; default where it listens.");
        var api = Arg.Option<string>("--api", "URL", "Where the API listens; default any free port on 127.0.0.1.");
        var store = StoreOption.Create();
        var waits = Arg.Flag("--wait-for-peers", "At the start, wait until another node says how far it has heard the agents here, instead of beginning a new epoch after 5 s.");
        var withParent = Arg.Flag(ExitWithParent, "End when standard input closes.");
        withParent.Hidden = true;
        var command = new CliCommand("node", "Run the node of a data folder until Ctrl-C.", "node", "node --data ./gandalf --api http://127.0.0.1:4711")
        {
            Options = { listen, advertise, api, store, waits, withParent },
            Details = "A node hosts the agents of one data folder: it keeps their logs and gossips for them. When the folder was lost, or replaced by an older copy, " +
                "it gets back what others have, and its agents begin a new epoch: no number is used twice. Whoever restores a copy makes an empty file 'restored' in the folder.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var (gossipListen, gossipAdvertise) = Gossip(parse.GetValue(listen), parse.GetValue(advertise));
            var apiListen = Address(parse.GetValue(api));
            var options = new NodeOptions
            {
                DataFolder = DataFolders.Existing(settings, host.Environment),
                KeysFolder = settings.Keys,
                GossipListen = gossipListen,
                GossipAdvertise = gossipAdvertise,
                ApiListen = apiListen,
                Time = host.Time,
                WaitForPeers = parse.GetValue(waits),
                Tell = line => host.Terminal.Note(Styled.Doubtful("! "), line),
            };
            using var change = StoreOption.Begin(options.DataFolder, StoreOption.Move(options.DataFolder, parse.GetValue(store)));
            var end = parse.GetValue(withParent) ? InputEndAsync(cancellationToken).WaitAsync(cancellationToken) : Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            await RunAsync(host, settings, options, change, end, cancellationToken);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Runs the node to its end; anew when its store went back to an older state, because nobody need be woken for what a start does by itself.</summary>
    private static async Task RunAsync(CommandHost host, CliSettings settings, NodeOptions options, StoreChange store, Task end, CancellationToken cancellationToken)
    {
        var restarts = new Restarts(options.Time);
        while (await RunOnceAsync(host, settings, options, store, restarts.IsFirst, end, cancellationToken) is var (wentBack, api))
        {
            host.Terminal.Note(Styled.Doubtful("! "), wentBack.Message, " The node starts again.");
            options = options with { ApiListen = api }; // whoever speaks to the node finds it where it was
            await restarts.NextAsync(wentBack, end);
            if (end.IsCompleted) return;
        }
    }

    /// <summary>Runs it until the end, or until its store goes back: then returns what was found, and where the API was.</summary>
    private static async Task<(StoreRolledBackException WentBack, Uri Api)?> RunOnceAsync(
        CommandHost host, CliSettings settings, NodeOptions options, StoreChange store, bool isFirst, Task end, CancellationToken cancellationToken)
    {
        var wentBack = new TaskCompletionSource<StoreRolledBackException>(TaskCreationOptions.RunContinuationsAsynchronously);
        options = options with
        {
            RolledBack = found => wentBack.TrySetResult(found),
            Fenced = fenced => wentBack.TrySetException(new CliException(ExitCode.Conflict, fenced.Message, "a store that no other process writes to", "one of the two must stay stopped; starting this one again would end the other")),
            TurnedAway = reason => wentBack.TrySetException(new CliException(ExitCode.Conflict, reason, "an invitation that nobody used", "ask for a new one; or for 'tavern rekey', if the other copy is lost")),
        };
        await using var listening = await ApiHost.OpenAsync(options, new NodeLog(host.Terminal), cancellationToken);
        await using var node = isFirst ? await TavernNode.StartAsync(options, cancellationToken) : await Restarts.StartAsync(options, end, cancellationToken);
        store.Keep();
        await using var api = listening; // closed before the node
        api.Serve(node);
        if (isFirst) NodeBanner.Show(host, settings, node, api.Address, await HearAsync(node, options.Time, end));
        else host.Terminal.Note(Styled.Doubtful("! "), $"The node runs again at {api.Address}.");
        await Task.WhenAny(end, wentBack.Task); // cancelled or not: the end of a node is no failure
        if (!end.IsCompleted) return (await wentBack.Task, api.Address);
        if (settings.Output is OutputFormat.Text) host.Terminal.Note(Styled.Faint("Closing."));
        return null;
    }

    /// <summary>Waits a moment for newcomers to hear who vouches for them, so that what the banner says to type next works. Returns those
    /// that have not.</summary>
    private static async Task<IReadOnlyList<UnheardAgent>> HearAsync(TavernNode node, TimeProvider time, Task end)
    {
        using var enough = new CancellationTokenSource(HearingMax, time);
        var hearing = Task.WhenAll(node.Hosted.Select(agent => node.WaitUntilVouchedAsync(agent, enough.Token)));
        await Task.WhenAny(hearing, end);
        await enough.CancelAsync();
        try
        {
            await hearing;
        }
        catch (OperationCanceledException)
        {
            // The banner tells.
        }

        return await node.History.ReadAsync(reader => UnheardAgent.On(node, reader), CancellationToken.None);
    }

    private static async Task InputEndAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Nobody is expected to say anything; only the end counts.
        }
    }

    private static Uri Address(string? text) =>
        Uri.TryCreate(text ?? "http://127.0.0.1:0", UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback
            ? address
            : throw new CliException(ExitCode.Usage, $"'{text}' is not an address to listen at.", "for example http://127.0.0.1:4711; the API listens on loopback only");

    private static (Uri Listen, Uri? Advertise) Gossip(string? listen, string? advertise)
    {
        var (where, told) = (Uri.TryCreate(listen ?? "http://127.0.0.1:0", UriKind.Absolute, out var one) ? one : null, Uri.TryCreate(advertise, UriKind.Absolute, out var other) ? other : null);
        if (where is null) throw new CliException(ExitCode.Usage, $"'{listen}' is not an address to listen at.", "for example https://0.0.0.0:7411, or http://127.0.0.1:7411");
        if (advertise is not null && told is null) throw new CliException(ExitCode.Usage, $"'{advertise}' is not an address to advertise.", "for example https://node1.example:7411");
        return ListenAddress.FlawOf(where, told) is { } flaw ? throw new CliException(ExitCode.Usage, flaw) : (where, told);
    }
}
