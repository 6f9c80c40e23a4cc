using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>An empty node joins and hears 100,000 events over loopback HTTP/2, checked and durable. Floor: the same bytes fetched over
/// loopback HTTP/2 in frames of the same size and inserted into the lean log, one commit a frame, nothing checked.</summary>
internal static class CatchUpBenchmark
{
    private const int Events = 100_000;
    private const int FrameBytes = 256 * 1024;

    public static async Task RunAsync()
    {
        await using var tavern = await BenchTavern.StartAsync();
        for (var i = 0; i < Events; i += 100) await tavern.AppendAsync(i, 100);
        var newcomers = 0;
        await using var source = await StartSourceAsync();
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var address = source.Urls.Single();
        var floors = 0;
        await Comparison.RunAsync(
            $"an empty node catches up with {Events:N0} events over loopback",
            async () =>
            {
                using var lean = new LeanLog(tavern.PathOf(string.Create(CultureInfo.InvariantCulture, $"lean{++floors}.db")));
                for (var left = Events; left > 0; left -= RecordsPerFrame)
                {
                    var frame = await http.GetByteArrayAsync(new Uri(address));
                    lean.Append([.. frame.Chunk(RecordBytes).Take(left)]);
                }

                return Events;
            },
            async () =>
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"newcomer{++newcomers}");
                var options = tavern.OptionsOf(name);
                var invitation = await tavern.Node.InviteAsync(tavern.Jake, name, null, CancellationToken.None);
                var agent = await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
                await using var node = await TavernNode.StartAsync(options, CancellationToken.None);
                await node.WaitForNewsAsync(agent, Events, CancellationToken.None);
                return Events;
            });
    }

    private static int RecordBytes => 380; // about what a record of the append benchmark has on the wire

    private static int RecordsPerFrame => FrameBytes / RecordBytes;

    private static async Task<WebApplication> StartSourceAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        var frame = new byte[FrameBytes / RecordBytes * RecordBytes];
        app.MapGet("/", () => Results.Bytes(frame));
        await app.StartAsync();
        return app;
    }
}
